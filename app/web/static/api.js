// Narrows the operations down as somebody types; without it the form asks the server for the same.
const form = document.querySelector("form[data-narrow]");
const field = form.querySelector("input[type=search]");
const found = document.querySelector(".found");
const lines = [...document.querySelectorAll(".operations li")].map((line) => [line, line.textContent.toLowerCase()]);

function narrow() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [line, text] of lines) {
    const area = line.closest(".area").querySelector("h2").textContent.toLowerCase();
    line.hidden = !words.every((word) => text.includes(word) || area.includes(word));
    count += line.hidden ? 0 : 1;
  }
  for (const area of document.querySelectorAll(".area")) {
    area.hidden = !area.querySelector(".operations li:not([hidden])");
  }
  found.textContent = (count === 1 ? found.dataset.one : found.dataset.many).replace("%(num)s", count);
}

// A page that was searched holds its findings alone, so that it is the server who widens them again.
if (!new URLSearchParams(location.search).get("q")) field.addEventListener("input", narrow);
