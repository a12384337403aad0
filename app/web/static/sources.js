// Whatever goes on by itself is looked at again: an element with data-live is fetched from that address and
// put in its own place, until it comes back without.

const between = 1500;
const longest = 15000;
const reachable = "a[href], button, summary";

for (const element of document.querySelectorAll("[data-live]")) follow(element, between);

function follow(element, wait) {
  setTimeout(async () => {
    if (document.hidden) return follow(element, wait);
    const fresh = await fetched(element);
    if (!fresh) return follow(element, Math.min(wait * 2, longest));
    const place = [...element.querySelectorAll(reachable)].indexOf(document.activeElement);
    element.replaceWith(fresh);
    if (place >= 0) fresh.querySelectorAll(reachable)[place]?.focus();
    if (fresh.dataset.live) return follow(fresh, between);
    // It has ended: the rest of the page tells more now.
    if (fresh.dataset.then) location.replace(fresh.dataset.then);
  }, wait);
}

async function fetched(element) {
  try {
    const answer = await fetch(element.dataset.live, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(element.id);
  } catch {
    return null;
  }
}

// A check asks the vendor, which takes a moment: say so.
for (const form of document.querySelectorAll("form[data-asking]")) {
  form.addEventListener("submit", () => { form.querySelector("[data-asked]")?.removeAttribute("hidden"); });
}
