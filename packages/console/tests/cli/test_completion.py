"""Tab, in the shells themselves. scripts/services.py sees to it that they are here."""

import subprocess

from shell import CONSOLE

BASH = r"""
eval "$(keywright-console completion bash)"
complete -p keywright-console > /dev/null || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMPREPLY=()
_keywright_console_completion keywright-console
printf '%s\n' "${COMPREPLY[@]}"
"""


# zsh itself asks and reads; what it would show is printed instead.
ZSH = r"""
compdef() { registered=$2 }
_describe() { print -rl -- "${(@P)3}" }
compadd() { print -rl -- "${(@P)@[-1]}" }
_path_files() { print -r -- "path_files $1" }
eval "$(keywright-console completion zsh)"
[[ $registered == keywright-console ]] || exit 9
words=("$@")
CURRENT=$#
_keywright_console_completion
"""

FISH = "keywright-console completion fish | source; complete -C (string join ' ' -- $argv)"


def ask(shell, *command):
    """What a shell printed that ran this with our program in its path."""
    finished = subprocess.run(
        command,
        env=shell.environment | {"PATH": f"{CONSOLE.parent}:{shell.environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=shell.folder,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return [line for line in finished.stdout.splitlines() if line]


def in_bash(shell, *words):
    """What bash offers for the last of these words."""
    return ask(shell, "bash", "--norc", "-c", BASH, "bash", "keywright-console", *words)


def in_zsh(shell, *words):
    """What zsh offers, with what it says about each."""
    return ask(shell, "zsh", "-f", "-c", ZSH, "zsh", "keywright-console", *words)


def in_fish(shell, *words):
    """What fish offers, with what it says about each."""
    return ask(shell, "fish", "--no-config", "-c", FISH, "keywright-console", *words)


def test_bash_completes_commands_options_and_choices(shell):
    assert in_bash(shell, "lic") == ["license"]
    assert in_bash(shell, "license", "") == ["remove", "show", "upload"]
    assert in_bash(shell, "license", "remove", "--") == ["--yes", "--json", "--help"]
    assert in_bash(shell, "completion", "") == ["bash", "zsh", "fish"]


def test_bash_completes_usernames(ready):
    ready.done("user", "create", "--email", "b@example.com", "--username", "ben", "--password", "a good long horse")
    assert in_bash(ready, "user", "deactivate", "") == ["anna", "ben"]
    assert in_bash(ready, "user", "deactivate", "B") == ["ben"]


def test_without_a_database_it_offers_no_name_and_says_nothing(shell):
    assert in_bash(shell, "user", "deactivate", "") == []


def test_zsh_completes_with_what_each_is_for(ready):
    assert in_zsh(ready, "license", "up") == ["upload:Apply the license in FILE."]
    assert in_zsh(ready, "completion", "") == ["bash", "zsh", "fish"]
    assert in_zsh(ready, "user", "deactivate", "a") == ["anna"]
    assert in_zsh(ready, "license", "upload", "x") == ["path_files -f"]


def test_fish_completes_with_what_each_is_for(ready):
    assert in_fish(ready, "license", "up") == ["upload\tApply the license in FILE."]
    assert in_fish(ready, "completion", "f") == ["fish"]
    assert in_fish(ready, "user", "deactivate", "a") == ["anna"]
    ready.write("acme.license", b"")
    assert in_fish(ready, "license", "upload", "ac") == ["acme.license"]


def test_help_tells_where_each_shell_looks(shell):
    shown = shell.done("completion", "--help")
    assert "zsh   keywright-console completion zsh > ~/.zfunc/_keywright-console\n" in shown


def test_another_shell_is_a_misuse(shell):
    assert shell.refused_as_json("completion", "tcsh", status=2)["code"] == "misused"
