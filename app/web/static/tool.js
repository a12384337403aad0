// Looking for a tool or product as one types: the part of the page that the answer stands in is fetched anew.
for (const form of document.querySelectorAll("form[data-live]")) {
  const field = form.querySelector("input[type=search]");
  let waiting = 0;
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++asked;
      const address = new URL(form.action);
      address.searchParams.set("q", field.value.trim());
      try {
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected || mine !== asked) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.getElementById(form.dataset.live);
        const here = document.getElementById(form.dataset.live);
        if (found && here) here.replaceChildren(...found.childNodes);
      } catch {
        // The button still sends the form.
      }
    }, 200);
  });
  // Somebody was quicker than this script, or came back to what they had typed.
  if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input"));
}
