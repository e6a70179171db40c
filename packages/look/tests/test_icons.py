import re

import pytest

from keywright_look.icons import UnknownIconError, icon_paths, icons


def test_every_icon_is_drawn_with_paths_alone():
    assert len(icons()) > 90
    for name, paths in icons().items():
        assert re.fullmatch(r'(<path d="[-MmLlHhVvCcSsQqTtAaZz0-9 .,]+"/>)+', paths), name


def test_an_unknown_icon_names_its_neighbours():
    with pytest.raises(UnknownIconError, match="'chek'; the nearest are: check"):
        icon_paths("chek")
