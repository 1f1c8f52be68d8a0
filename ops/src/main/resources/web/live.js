// Shows the page again every few seconds while something runs, without losing the reader's place.
(function () {
  "use strict";
  const everyMillis = 3000;
  async function again() {
    const here = document.getElementById("live");
    if (!here || here.dataset.live !== "true") return;
    if (!document.hidden) {
      try {
        const answer = await fetch(location.pathname, { cache: "no-store" });
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
          if (fresh) here.replaceWith(fresh);
        }
      } catch (unreachable) {
        document.title = "(no answer) " + document.title.replace("(no answer) ", "");
      }
    }
    setTimeout(again, everyMillis);
  }
  setTimeout(again, everyMillis);
})();
