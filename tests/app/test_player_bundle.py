import re

from app.components.player import bundle


def test_every_script_and_style_of_the_folder_is_in_the_bundle():
    folder = bundle.FOLDER
    assert {path.name for path in folder.glob("*.js")} == {*bundle.SCRIPTS, bundle.ENTRY}
    assert {path.name for path in folder.glob("*.css")} == set(bundle.STYLES)


def test_the_bundle_is_one_module_with_one_entry():
    script = bundle.javascript()
    assert not re.search(r"^\s*import\b", script, re.MULTILINE)
    assert re.findall(r"^export .*", script, re.MULTILINE) == [
        "export default function ({ data, parentElement, setTriggerValue }) {"
    ]


def test_no_name_is_declared_twice():
    declared = re.findall(
        r"^(?:async )?(?:function|class|const|let) (\w+)", bundle.javascript(), re.MULTILINE
    )
    assert len(declared) > 20
    assert sorted(declared) == sorted(set(declared))


def test_each_script_comes_after_those_it_imports():
    order = [*bundle.SCRIPTS, bundle.ENTRY]
    for index, name in enumerate(order):
        text = (bundle.FOLDER / name).read_text(encoding="utf-8")
        for needed in re.findall(r'from "\./(.*?)"', text):
            assert order.index(needed) < index, f"{name} comes before {needed}"


def test_nothing_is_fetched_and_nothing_becomes_markup():
    shipped = bundle.javascript() + bundle.html() + bundle.css()
    links = set(re.findall(r"https?://[^\s\"']+", shipped))
    assert links == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", shipped)
    assert "url(" not in shipped
