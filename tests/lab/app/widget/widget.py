"""A custom widget that shows what its parameters ask for, and the event that it got."""

import json
from html import escape
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    """Return HTML, markdown or JSON; `show` in the event says which."""
    show = event.get("show", "page")
    if show == "fail":
        raise ValueError("no <facts>")
    notes = "# Notes\n\n| a | b |\n|---|---|\n| <b>1</b> | [x](javascript:1) |"
    answers = {
        "html": event.get("html"),
        "markdown": {"markdown": notes},
        "json": {"endpoints": 3, "sick": ["<b>"]},
        "large": "x" * event.get("size", 0),
        "event": f"<pre id='event'>{escape(json.dumps(event))}</pre>",
        "page": page(context.invoked_function_arn),
    }
    return answers[show]


def page(arn: str) -> str:
    """Return a form with actions of every kind."""

    def call(params: dict[str, Any], more: str = "") -> str:
        content = escape(json.dumps(params))
        return f'<cwdb-action action="call" endpoint="{arn}" {more}>{content}</cwdb-action>'

    return f"""
<h2>Requests</h2>
<form><label>Reason <input name="reason" value="as agreed"></label>
<label><input type="checkbox" name="sure" value="yes"> Sure</label>
<label><input type="radio" name="zone" value="a" checked> a</label>
<label><input type="radio" name="zone" value="b"> b</label>
<label>Size <select name="size"><option>small<option selected>large</select></label>
<label>Words <textarea name="words">one
two</textarea></label><label>Lost <input name="name" value="me"></label>
<button type="button" class="btn btn-primary" id="approve">Approve</button>
{call({"show": "event", "id": "vpce-1"}, 'confirmation="Approve <it>?"')}
<a class="btn" id="look" tabindex="0">Look</a>{call({"show": "event"}, 'display="popup"')}
<button type="button" id="fail">Fail</button>{call({"show": "fail"})}
</form>
<a id="more">More</a><cwdb-action display="popup"><h3>Big title</h3>
<label>Count <input name="count" value="3"></label>
<a id="count">count</a>{call({"show": "event"}, 'display="popup"')}
<a id="inner">inner</a><cwdb-action><p id="replaced">Replaced</p></cwdb-action></cwdb-action>
<a id="hover">Hover</a><cwdb-action event="mouseenter" display="popup"><p>Hovered</p></cwdb-action>
<a id="twice">Twice</a><cwdb-action event="dblclick" display="popup"><p>Twice</p></cwdb-action>
"""
