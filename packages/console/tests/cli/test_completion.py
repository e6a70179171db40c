"""Tab, in the shells that know how: bash itself is here; zsh and fish are answered in their own way of asking."""

import subprocess

import pytest

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


def in_bash(shell, *words):
    """What bash offers for the last of these words."""
    finished = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", "keywright-console", *words],
        env=shell.environment | {"PATH": f"{CONSOLE.parent}:{shell.environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=shell.folder,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout.split()


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


@pytest.mark.parametrize(
    ("asking", "cword", "expected"),
    [
        ("zsh_complete", "2", ["plain", "upload", "Apply the license in FILE."]),
        ("fish_complete", "up", ["plain,upload\tApply the license in FILE."]),
    ],
)
def test_zsh_and_fish_are_told_what_each_command_does(shell, asking, cword, expected):
    words = "keywright-console license " + ("up" if asking.startswith("zsh") else "")
    said = shell.done(_KEYWRIGHT_CONSOLE_COMPLETE=asking, COMP_WORDS=words, COMP_CWORD=cword)
    assert said.splitlines()[: len(expected)] == expected


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("bash", "    complete -o nosort -F _keywright_console_completion keywright-console"),
        ("zsh", "#compdef keywright-console"),
        ("fish", 'complete --no-files --command keywright-console --arguments "(_keywright_console_completion)";'),
    ],
)
def test_each_shells_script_registers_itself(shell, name, line):
    assert line in shell.done("completion", name).splitlines()


def test_help_tells_where_each_shell_looks(shell):
    shown = shell.done("completion", "--help")
    assert "zsh   keywright-console completion zsh > ~/.zfunc/_keywright-console\n" in shown


def test_another_shell_is_a_misuse(shell):
    assert shell.refused_as_json("completion", "tcsh", status=2)["code"] == "misused"
