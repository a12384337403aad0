// Whatever goes on by itself is looked at again: an element with data-live is fetched from that address and
// put in its own place, until it comes back without. The server hears that nobody pressed anything, so that a
// page that is left alone is logged out as if it had not asked.

const between = 1500;
const longest = 15000;
const out = Symbol("nobody is logged in any more");
const reachable = "a[href], button, summary";

for (const element of document.querySelectorAll("[data-live]")) follow(element, between);

function follow(element, wait) {
  setTimeout(async () => {
    if (document.hidden) return follow(element, wait);
    const page = await read(element.dataset.live);
    if (page === out) return;
    const fresh = page?.getElementById(element.id);
    if (!fresh) return follow(element, Math.min(wait * 2, longest));
    const place = [...element.querySelectorAll(reachable)].indexOf(document.activeElement);
    element.replaceWith(fresh);
    if (place >= 0) fresh.querySelectorAll(reachable)[place]?.focus();
    if (fresh.dataset.live) return follow(fresh, between);
    if (fresh.dataset.then) ended(fresh.dataset.then);
  }, wait);
}

// It has ended: the rest of the page tells more now.
async function ended(address) {
  const page = await read(address);
  const main = page?.getElementById?.("main");
  if (!main) return location.replace(address);
  document.title = page.title;
  document.getElementById("main").replaceChildren(...main.childNodes);
}

async function read(address) {
  try {
    const headers = { Accept: "text/html", "Penumbra-By-Itself": "1" };
    const answer = await fetch(address, { headers, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") return out;
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

// A check asks the vendor, which takes a moment: say so.
for (const form of document.querySelectorAll("form[data-asking]")) {
  form.addEventListener("submit", () => { form.querySelector("[data-asked]")?.removeAttribute("hidden"); });
}
