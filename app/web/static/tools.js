// The list of tools, made quick: filters as one types, the keyboard, claims at once. Everything here is there
// without it too, as forms and links.

const root = document.documentElement;
const filters = document.getElementById("filters");
const search = document.getElementById("f-q");
const usualSort = "-people";
const replaced = ["views", "facets", "actions", "results"];
const picked = new Set(); // ids of the selected tools
let here = null; // id of the tool that the keyboard stands at
let last = null; // id of the tool that was selected last, where a range begins
let running = null; // the request under way

root.classList.add("scripted");
const byId = (id) => document.getElementById(id);
const rows = () => [...document.querySelectorAll("#results tbody tr")];
const rowOf = (id) => rows().find((row) => row.dataset.id === id) ?? null;
const boxOf = (row) => row?.querySelector(".tick input") ?? null;
const nameOf = (row) => row?.querySelector("th a") ?? null;

// --- filters -----------------------------------------------------------------------------------

function address() {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(filters)) {
    const text = value.trim();
    if (text !== "" && !(name === "sort" && text === usualSort)) wanted.append(name, text);
  }
  return wanted;
}

// Fetches what the page shows at these parameters, and puts it in place of what it shows now.
async function show(parameters, { quietly = false } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  const text = parameters.toString();
  if (!quietly) byId("results").setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`/tools/part?${text}`, { signal: mine.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("results")) {
      // Logged out meanwhile, or an error page: let the browser show it.
      location.assign(`/tools?${text}`);
      return;
    }
    put(page);
    history.replaceState(null, "", `/tools?${text}`);
    byId("failed").hidden = true;
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("failed").hidden = false;
    byId("again").onclick = () => show(parameters);
    byId("results").removeAttribute("aria-busy");
  }
}

function put(page) {
  const at = focused();
  const open = new Map([...document.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]));
  for (const id of replaced) byId(id).replaceWith(document.adoptNode(page.getElementById(id)));
  for (const details of document.querySelectorAll("details[data-key]")) {
    if (open.has(details.dataset.key)) details.open = open.get(details.dataset.key);
  }
  byId("narrowed").textContent = byId("facets").dataset.narrowed;
  byId("narrowed").hidden = byId("facets").dataset.narrowed === "0";
  const count = page.getElementById("found");
  if (byId("found").textContent !== count.textContent) byId("found").replaceChildren(...count.childNodes);
  const wrong = page.getElementById("wrong");
  byId("wrong").hidden = !wrong;
  byId("wrong").replaceChildren(...(wrong ? [wrong] : []));
  dress();
  at?.()?.focus({ preventScroll: true });
}

// How to find again what has the focus, once it was replaced.
function focused() {
  const element = document.activeElement;
  if (!element || !replaced.some((id) => byId(id).contains(element))) return null;
  const row = element.closest("tr[data-id]");
  if (row) {
    const id = row.dataset.id;
    const place = rows().indexOf(row);
    return () => nameOf(rowOf(id) ?? rows()[Math.min(place, rows().length - 1)]);
  }
  if (element.id) return () => byId(element.id);
  if (element.name && element.value) {
    return () => document.querySelector(`[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`);
  }
  return null;
}

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(() => show(address()), 180);
}

filters.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  byId("panel").matches(":popover-open") && byId("panel").hidePopover();
  show(address());
});
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.form !== filters || field.type === "date") return;
  if (field.type === "checkbox" || field.tagName === "SELECT") show(address());
  else later();
});
document.addEventListener("change", (event) => {
  if (event.target.form === filters && event.target.type === "date") show(address());
  else if (event.target.matches(".tick input")) ticked(event.target);
});

// --- selecting ---------------------------------------------------------------------------------

// What the script adds to a list that was just put there.
function dress() {
  const shown = new Set(rows().map((row) => row.dataset.id));
  for (const id of [...picked]) if (!shown.has(id)) picked.delete(id);
  for (const row of rows()) {
    const box = boxOf(row);
    if (!box) continue;
    if (box.checked) picked.add(row.dataset.id);
    box.checked = picked.has(row.dataset.id);
  }
  if (here !== null && !shown.has(here)) here = null;
  rowOf(here)?.classList.add("here");
  const all = byId("all");
  if (all) all.hidden = false;
  if (byId("let-go")) byId("let-go").hidden = false;
  drawBar();
}

function drawBar() {
  const bar = byId("bar");
  if (!bar) return;
  bar.classList.toggle("on", picked.size > 0);
  const count = byId("picked");
  count.textContent = picked.size === 1 ? count.dataset.one : count.dataset.many.replace("{n}", picked.size.toLocaleString(root.lang));
  const all = byId("all");
  all.checked = picked.size > 0 && picked.size === rows().length;
  all.indeterminate = picked.size > 0 && !all.checked;
}

function pick(row, on) {
  const box = boxOf(row);
  if (!box) return;
  box.checked = on;
  if (on) picked.add(row.dataset.id);
  else picked.delete(row.dataset.id);
}

function pickTo(row) {
  const every = rows();
  const from = every.indexOf(rowOf(last) ?? row);
  const to = every.indexOf(row);
  for (const one of every.slice(Math.min(from, to), Math.max(from, to) + 1)) pick(one, true);
}

function ticked(box) {
  if (box.id === "all") {
    for (const row of rows()) pick(row, box.checked);
  } else {
    const row = box.closest("tr");
    pick(row, box.checked);
    last = row.dataset.id;
  }
  drawBar();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".tick input");
  if (box && box.id !== "all" && event.shiftKey && last !== null) {
    pickTo(box.closest("tr"));
    drawBar();
  }
  if (event.target.id === "let-go") letGo();
  if (event.target.closest?.("#show-keys")) byId("keys").showModal();
});

function letGo() {
  for (const row of rows()) pick(row, false);
  drawBar();
  nameOf(rowOf(here))?.focus();
}

// --- what is done to tools ---------------------------------------------------------------------

// Caught on its way down, before the page's own listener takes it for a form that is sent.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.id !== "bulk") return;
    event.preventDefault();
    const button = event.submitter;
    send(new FormData(event.target, button), button?.name === "claim" ? button.closest("tr") : null);
  },
  true,
);

async function send(form, row = null) {
  const claims = form.has("claim") || form.get("do") === "claim";
  const touched = row ? [row] : rows().filter((one) => boxOf(one)?.checked);
  for (const open of document.querySelectorAll(".box:popover-open")) open.hidePopover();
  if (claims) for (const one of touched) pretend(one);
  let result;
  try {
    const answer = await fetch("/tools/bulk", {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { accept: "application/json" },
    });
    result = await answer.json();
  } catch {
    byId("failed").hidden = false;
    byId("again").onclick = () => location.reload();
    await show(current(), { quietly: true });
    return;
  }
  const refused = new Set(result.refused.map((one) => String(one.tool)));
  if (result.done) for (const one of touched) if (!refused.has(one.dataset.id)) pick(one, false);
  for (const one of touched) if (refused.has(one.dataset.id) && !row) pick(one, true);
  await show(current(), { quietly: true });
  said(result);
}

const current = () => new URLSearchParams(location.search);

// A claim looks done at once; the list that comes back says whether it is.
function pretend(row) {
  const owner = row.querySelector(".claim")?.closest("td");
  if (!owner) return;
  row.classList.add("waiting");
  owner.querySelector(".who-owns").textContent = owner.querySelector(".claim").dataset.you;
  owner.querySelector(".claim").hidden = true;
}

function said(result) {
  const lines = [...result.refused.map((one) => one.message)];
  if (!result.done && !lines.length) lines.push(result.said);
  const wrong = byId("wrong");
  wrong.hidden = lines.length === 0;
  const list = document.createElement("ul");
  for (const line of lines) list.append(Object.assign(document.createElement("li"), { textContent: line }));
  wrong.replaceChildren(list);
  if (lines.length) wrong.scrollIntoView({ block: "nearest" });
  const toast = byId("toast");
  toast.textContent = result.done ? result.said : "";
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { toast.textContent = ""; }, 8000);
}

// --- the keyboard ------------------------------------------------------------------------------

function stand(row) {
  if (!row) return;
  rowOf(here)?.classList.remove("here");
  here = row.dataset.id;
  row.classList.add("here");
  nameOf(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#results tbody tr");
  if (!row || row.dataset.id === here) return;
  rowOf(here)?.classList.remove("here");
  here = row.dataset.id;
  row.classList.add("here");
});

function step(by) {
  const every = rows();
  const at = every.indexOf(rowOf(here));
  stand(at < 0 ? every[by > 0 ? 0 : every.length - 1] : every[Math.min(Math.max(at + by, 0), every.length - 1)]);
}

// What a key is about: what is selected; nothing selected, the tool that the keyboard stands at.
function about() {
  if (picked.size) return true;
  const row = rowOf(here);
  if (!row || !boxOf(row)) return false;
  pick(row, true);
  last = here;
  drawBar();
  return true;
}

function open(id) {
  if (byId(id) && about()) byId(id).showPopover();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  x: () => {
    const row = rowOf(here) ?? rows()[0];
    if (!boxOf(row)) return;
    stand(row);
    pick(row, !boxOf(row).checked);
    last = here;
    drawBar();
  },
  X: () => {
    const row = rowOf(here);
    if (!boxOf(row)) return;
    pickTo(row);
    last = here;
    drawBar();
  },
  c: () => {
    const form = byId("bulk");
    if (form && byId("bar") && about()) form.requestSubmit(form.querySelector("[name=do][value=claim]"));
  },
  d: () => open("decline"),
  r: () => open("review"),
  "?": () => byId("keys").showModal(),
  Escape: () => letGo(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open], .box:popover-open, .panel:popover-open, .menu:popover-open")) return;
  const field = event.target;
  if (field === search && event.key === "Escape") {
    event.preventDefault();
    search.blur();
    step(1);
    return;
  }
  if (field.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key === "Enter" && field.matches(".tick input")) {
    event.preventDefault();
    nameOf(field.closest("tr"))?.click();
    return;
  }
  const work = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!work) return;
  event.preventDefault();
  work();
});

byId("show-keys").hidden = false;
dress();
