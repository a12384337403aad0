// Pages of reviews stay up to date while they lie open. Without this they are as new as when they were opened.
//
// What happened meanwhile is asked for by its version, seldom while nothing happens and not at all while the
// page cannot be seen, and told politely; it is shown when the reader says so, around whatever they are typing.

const soonest = 5000;
const latest = 60000;
const main = document.getElementById("main");
const region = () => document.getElementById("news");
const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();

// --- asking -----------------------------------------------------------------------------------

let tag = region()?.dataset.tag;
let wait = soonest;
let timer;

function later(after) {
  clearTimeout(timer);
  timer = setTimeout(ask, after);
}

async function ask() {
  const place = region();
  if (!place || document.hidden) return;
  try {
    const headers = { Accept: "text/html", "If-None-Match": tag };
    const answer = await fetch(place.dataset.news, { headers, cache: "no-store", redirect: "manual" });
    // Led to the login: nobody is logged in any more.
    if (answer.type === "opaqueredirect" || answer.status === 404) return;
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") ?? tag;
      tell(new DOMParser().parseFromString(await answer.text(), "text/html").body);
      wait = soonest;
    } else {
      wait = Math.min(wait * (answer.status === 304 ? 1.3 : 2), latest);
    }
  } catch {
    wait = Math.min(wait * 2, latest);
  }
  later(wait);
}

function tell(body) {
  if (!body.textContent.trim()) return;
  put(...body.childNodes);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return clearTimeout(timer);
  wait = soonest;
  later(300);
});
if (region()) later(wait);

// --- telling ----------------------------------------------------------------------------------

// What was filled in and has no place any more stays, under whatever is told, until the page is left.
const unsent = document.createElement("div");
unsent.className = "unsent";

function line(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function put(...nodes) {
  region().replaceChildren(...nodes, ...(unsent.firstChild ? [unsent] : []));
  settle();
}

function settle() {
  region().classList.toggle("told", region().textContent !== "");
}

// --- showing ----------------------------------------------------------------------------------

const fields = "textarea, select, input:not([type=hidden])";

const ticks = "[type=checkbox], [type=radio]";

// What a refused form gave back stands there as if it had been so from the beginning.
const isGivenBack = (field) => field.form.querySelector("[data-given-back]") !== null;

function touched(field) {
  if (field === document.activeElement) return true;
  if (field.matches(ticks)) return field.checked !== field.defaultChecked || (isGivenBack(field) && field.checked);
  if (field.matches("select")) {
    const before = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(before, 0) || (isGivenBack(field) && field.value !== "");
  }
  return field.value !== field.defaultValue || (isGivenBack(field) && field.value !== (field.dataset.usual ?? ""));
}

// What was typed into a field, ticked or chosen, under the field's name.
function filled(field) {
  if (!touched(field)) return "";
  const label = field.labels[0];
  const name = plain((label?.querySelector("b") ?? label)?.textContent);
  const group = plain(field.closest("fieldset")?.querySelector("legend")?.textContent);
  return [name.includes(group) ? "" : group, name, value(field)].reduce(joined, "");
}

function value(field) {
  if (field.matches("[type=radio]")) return ""; // its name says it
  if (field.matches("[type=checkbox]")) return region().dataset[field.checked ? "ticked" : "unticked"];
  if (field.matches("select")) return plain(field.selectedOptions[0]?.textContent);
  return field.value;
}

function joined(before, text) {
  if (!before || !text) return before || text;
  return before + (/[?:]$/.test(before) ? " " : ": ") + text;
}

// What somebody did to a form, a line a field; a choice of several is one.
function everything(form) {
  const chosen = (field) => field.matches("[type=radio]") || field.value !== "";
  const told = [...form.querySelectorAll(fields)].filter(chosen);
  return told.filter((field) => !field.matches("[type=radio]") || field.checked).map(filled).filter(Boolean);
}

const isBusy = (form) => [...form.querySelectorAll(fields)].some(touched);
const named = (form) => `${new URL(form.action).pathname} ${form.elements.namedItem("form")?.value ?? ""}`;

// The page as it is now. A form that somebody is filling in is carried over as it stands, and knows of what is
// new from then on; if there is no place for it any more, all that was done to it is shown, to be copied.
function show(page) {
  const place = region();
  const fresh = page.getElementById("main");
  const next = page.getElementById("news");
  if (!fresh || !next || !place) return false;
  const focused = document.activeElement;
  const lost = [];
  let carried = false;
  for (const form of [...main.querySelectorAll("form")].filter(isBusy)) {
    const twin = [...fresh.querySelectorAll("form")].find((other) => named(other) === named(form));
    if (!twin) {
      lost.push(...everything(form));
      continue;
    }
    for (const hidden of twin.querySelectorAll("input[type=hidden]")) {
      const old = form.querySelector(`input[type=hidden][name="${hidden.name}"]`);
      if (old) old.value = hidden.value;
    }
    for (let box = twin.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    twin.replaceWith(form);
    carried = true;
  }
  place.dataset.news = next.dataset.news;
  tag = next.dataset.tag;
  next.replaceWith(place);
  main.replaceChildren(...fresh.childNodes);
  if (focused && main.contains(focused) && focused.matches(fields)) focused.focus();
  if (lost.length) unsent.append(...(unsent.firstChild ? lost : [place.dataset.lost, ...lost]).map(line));
  const left = carried ? [line(place.dataset.left)] : [];
  put(...left);
  // That nothing was lost need not be read for long.
  setTimeout(() => { for (const said of left) said.remove(); settle(); }, 8000);
  return true;
}

async function read(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-later]")) return;
  put();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-show]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // A refused form stands at an address that only takes forms.
  const address = link.pathname === location.pathname ? link.pathname + location.search : link.pathname;
  try {
    if (!show(await read(address))) location.reload();
  } catch {
    // It stays as it is, with what was typed; the link is still there.
  }
  wait = soonest;
  later(wait);
});

// --- signing ----------------------------------------------------------------------------------

// The key is shown turned as soon as it is pressed, and turned back if the server refuses. If no answer comes,
// it may be turned all the same: then the page is asked.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const button = event.submitter;
    const signs = form.action.endsWith("/sign") || (button?.name === "then" && button.value === "sign");
    const place = region();
    if (!signs || !place) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "1";
    const undo = turn(form, place);
    try {
      const body = new URLSearchParams(new FormData(form, button));
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok && page.getElementById("news")) {
        noted(form, page);
        return;
      }
      // Who is led to the login was not heard.
      const out = new URL(answer.url || form.action).pathname === "/login";
      const why = out ? place.dataset.out : errors(page);
      if (!why) throw new Error(String(answer.status));
      undo("");
      show(page);
      undo(why);
    } catch {
      await find(form, place, undo);
    }
  },
  true,
);

function noted(form, page) {
  form.remove();
  show(page);
  const said = main.querySelector(".said-once");
  said?.setAttribute("tabindex", "-1");
  said?.focus();
  wait = soonest;
  later(wait);
}

// What became of a key whose answer was lost: it is ours if what we said of it stands beside it.
async function find(form, place, undo) {
  let page;
  try {
    page = await read(place.dataset.news.replace(/\/news\b.*/, ""));
  } catch {
    undo(place.dataset.unsure, place.dataset.unknown);
    return;
  }
  const half = page.querySelector(`#h-half-${form.elements.side?.value}`)?.closest("section");
  const why = plain(form.elements.rationale?.value);
  if (half?.querySelector(".keyed.turned") && plain(half.querySelector("blockquote")?.textContent).startsWith(why)) {
    noted(form, page);
    place.prepend(line(place.dataset.turned));
    settle();
    return;
  }
  undo("");
  show(page);
  undo(place.dataset.failed);
}

function turn(form, place) {
  const side = form.elements.side?.value;
  const mark = document.querySelector(`#h-half-${side}`)?.parentElement.querySelector(".keyed");
  const words = mark?.lastChild?.textContent;
  mark?.classList.add("turned");
  if (mark) mark.lastChild.textContent = place.dataset.turned;
  form.hidden = true;
  const turning = line(place.dataset.turning);
  put(turning);
  return (why, state = words) => {
    // The server's answer may have brought the page up to date already.
    if (mark?.isConnected) {
      mark.classList.remove("turned");
      mark.lastChild.textContent = state;
    }
    form.hidden = false;
    delete form.dataset.sending;
    turning.remove();
    settle();
    if (!why) return;
    let alert = form.querySelector("[data-refused]");
    if (!alert) {
      alert = document.createElement("p");
      alert.className = "error";
      alert.dataset.refused = "";
      alert.setAttribute("role", "alert");
      form.append(alert);
    }
    alert.textContent = why;
    form.querySelector("textarea")?.focus();
  };
}

function errors(page) {
  const said = page.querySelector("#main [role=alert]") ?? page.querySelector("#main h1 + p");
  return plain(said?.textContent);
}
