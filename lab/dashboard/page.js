// What CloudWatch's console does for a custom widget: it runs <cwdb-action>. The widget itself has no script.
"use strict";
(() => {
  const EVENTS = ["click", "dblclick", "mouseenter"];
  const FIELDS = "input, select, textarea";

  const contentOf = (section) => section.querySelector(":scope > .lab-scroll > .lab-content");

  // What CloudWatch would do silently, or nobody knows it would: shown, and for tests in data-said.
  function say(section, words) {
    const said = JSON.parse(section.dataset.said);
    section.dataset.said = JSON.stringify([...said, words]);
    note(section, [words]);
  }

  function note(section, lines) {
    const list = section.querySelector(":scope > .lab-removed");
    for (const line of lines) {
      const item = document.createElement("li");
      item.textContent = line;
      list.querySelector("ul").append(item);
    }
    list.hidden = !list.querySelector("li");
  }

  function faultOf(action, element) {
    const kind = action.getAttribute("action") || "html";
    const event = action.getAttribute("event") || "click";
    const display = action.getAttribute("display") || "widget";
    if (!element) return "there is no element before it";
    if (element.localName === "cwdb-action") return "the element before it is another cwdb-action";
    if (!["call", "html"].includes(kind)) return `action="${kind}" is neither call nor html`;
    if (!EVENTS.includes(event)) return `event="${event}" is none of ${EVENTS.join(", ")}`;
    if (!["popup", "widget"].includes(display)) return `display="${display}" is neither popup nor widget`;
    if (kind === "html") return "";
    if (event === "mouseenter") return "mouseenter goes with html only";
    if (!action.getAttribute("endpoint")) return "a call needs an endpoint";
    return paramsOf(action) ? "" : "its content is no JSON object";
  }

  function paramsOf(action) {
    const text = action.textContent.trim();
    try {
      const params = JSON.parse(text || "{}");
      return params && typeof params === "object" && !Array.isArray(params) ? params : null;
    } catch {
      return null;
    }
  }

  // Binds the actions in some HTML that has just been put there; each acts on the element before it.
  function bind(root, section) {
    const all = [...root.querySelectorAll("cwdb-action")];
    const outer = all.filter((each) => !each.parentElement.closest("cwdb-action"));
    for (const [action, element] of outer.map((each) => [each, each.previousElementSibling])) {
      const fault = faultOf(action, element);
      if (fault) say(section, `a cwdb-action does nothing: ${fault}`);
      else listen(action, element, section);
    }
    for (const action of outer) action.remove();
  }

  function listen(action, element, section) {
    if (element.localName === "a" && element.hasAttribute("href"))
      say(section, "a link with a cwdb-action: its href is followed, too");
    const call = action.getAttribute("action") === "call";
    const what = {
      display: action.getAttribute("display") || "widget",
      endpoint: action.getAttribute("endpoint"),
      params: call ? paramsOf(action) : null,
      html: call ? "" : action.innerHTML,
    };
    const question = action.getAttribute("confirmation");
    element.addEventListener(action.getAttribute("event") || "click", async () => {
      if (question && !(await confirmed(question))) return;
      if (call) await invoke(section, what);
      else show(section, what.html, what.display);
    });
  }

  function dialog(section) {
    const popup = document.createElement("dialog");
    popup.className = "lab-popup";
    popup.dataset.of = section ? section.dataset.widget : "";
    popup.addEventListener("close", () => popup.remove());
    document.body.append(popup);
    return popup;
  }

  function buttons(popup, ...words) {
    const row = document.createElement("div");
    row.className = "lab-buttons";
    for (const word of words) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.addEventListener("click", () => popup.close(word));
      row.append(button);
    }
    popup.append(row);
  }

  function confirmed(question) {
    const popup = dialog(null);
    popup.classList.add("lab-confirmation");
    popup.setAttribute("aria-label", "Confirmation");
    const words = document.createElement("p");
    words.textContent = question;
    popup.append(words);
    buttons(popup, "Cancel", "OK");
    popup.showModal();
    return new Promise((answer) => {
      popup.addEventListener("close", () => answer(popup.returnValue === "OK"));
    });
  }

  const popupsOf = (section) =>
    [...document.querySelectorAll(`dialog[data-of="${section.dataset.widget}"]`)];

  function formsOf(section) {
    const all = {};
    for (const root of [contentOf(section), ...popupsOf(section)])
      for (const field of root.querySelectorAll(FIELDS)) take(field, all);
    return all;
  }

  function take(field, all) {
    const pressed = ["checkbox", "radio"].includes(field.type);
    const buttonlike = ["button", "submit", "reset", "image", "file"].includes(field.type);
    if (!field.name || field.disabled || buttonlike || (pressed && !field.checked)) return;
    all[field.name] = field.value;
  }

  async function invoke(section, { endpoint, params, display }) {
    section.dataset.busy = "yes";
    let answer;
    try {
      const response = await fetch(`/_lab/dashboard${location.search}`, {
        method: "POST",
        body: JSON.stringify({ widget: section.dataset.widget, endpoint, params, forms: formsOf(section) }),
      });
      answer = await response.json();
    } catch (error) {
      answer = { error: String(error) };
    }
    delete section.dataset.busy;
    if (answer.error) {
      say(section, `the lab did not answer: ${answer.error}`);
    } else {
      note(section, answer.removed);
      const removed = JSON.parse(section.dataset.removed);
      section.dataset.removed = JSON.stringify([...removed, ...answer.removed]);
      show(section, answer.html, display, answer.kind);
    }
    section.dataset.answers = String(Number(section.dataset.answers) + 1);
  }

  function show(section, html, display, kind = "html") {
    if (display === "popup") {
      const popup = dialog(section);
      popup.setAttribute("aria-label", `${section.getAttribute("aria-label")}: details`);
      const inner = document.createElement("div");
      fill(inner, html, kind, section);
      popup.append(inner);
      buttons(popup, "Close");
      popup.showModal();
      return;
    }
    for (const popup of popupsOf(section)) popup.close();
    section.dataset.kind = kind;
    fill(contentOf(section), html, kind, section);
  }

  function fill(place, html, kind, section) {
    const dark = document.body.classList.contains("lab-dark") ? " cwdb-theme-dark" : "";
    place.className = kind === "error" ? "lab-content" : `lab-content cwdb-widget${dark}`;
    place.innerHTML = html;
    bind(place, section);
  }

  // Nobody knows what the console makes of a submitted form; here nothing is left behind by one.
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const section = event.target.closest("section");
    const popup = event.target.closest("dialog");
    const owner = section || document.getElementById(`lab-${popup.dataset.of}`);
    say(owner, "a form was submitted: CloudWatch passes fields on by a cwdb-action only");
  });

  for (const section of document.querySelectorAll('section[data-type="custom"]'))
    bind(contentOf(section), section);
})();
