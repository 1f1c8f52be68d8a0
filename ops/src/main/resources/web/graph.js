// The lineage graph under mouse and keyboard. Without this script it scrolls, and its boxes are links.
(function () {
  "use strict";
  const canvas = document.getElementById("canvas");
  const svg = canvas && canvas.querySelector("svg.graph");
  if (!svg) return;
  document.getElementById("keys").hidden = false;
  const width = Number(svg.getAttribute("width"));
  const height = Number(svg.getAttribute("height"));
  const boxes = Array.from(svg.querySelectorAll("a.box"));
  let scale = 1;

  function zoom(to) {
    const next = Math.min(3, Math.max(0.2, to));
    const x = (canvas.scrollLeft + canvas.clientWidth / 2) / scale;
    const y = (canvas.scrollTop + canvas.clientHeight / 2) / scale;
    scale = next;
    svg.setAttribute("width", String(width * scale));
    svg.setAttribute("height", String(height * scale));
    canvas.scrollLeft = x * scale - canvas.clientWidth / 2;
    canvas.scrollTop = y * scale - canvas.clientHeight / 2;
  }

  function centre(box) {
    const r = box.querySelector("rect");
    return { x: Number(r.getAttribute("x")), y: Number(r.getAttribute("y")) };
  }

  function go(dx, dy) {
    const from = centre(document.activeElement);
    let best = null;
    let least = Infinity;
    for (const box of boxes) {
      const to = centre(box);
      const ahead = (to.x - from.x) * dx + (to.y - from.y) * dy;
      const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
      const far = ahead + 2 * aside;
      if (ahead > 0 && far < least) {
        least = far;
        best = box;
      }
    }
    if (best) {
      best.focus({ preventScroll: true });
      best.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") zoom(scale * 1.25);
    else if (event.key === "-") zoom(scale / 1.25);
    else if (event.key === "0") zoom(1);
    else if (arrows[event.key] && boxes.includes(document.activeElement)) go(...arrows[event.key]);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("wheel", function (event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });

  let grip = null;
  canvas.addEventListener("pointerdown", function (event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    grip = { x: event.clientX + canvas.scrollLeft, y: event.clientY + canvas.scrollTop, moved: false };
  });
  addEventListener("pointermove", function (event) {
    if (!grip) return;
    const left = grip.x - event.clientX;
    const top = grip.y - event.clientY;
    grip.moved = grip.moved || Math.abs(left - canvas.scrollLeft) + Math.abs(top - canvas.scrollTop) > 4;
    if (grip.moved) canvas.scrollTo(left, top);
  });
  addEventListener("pointerup", function () { setTimeout(function () { grip = null; }); });
  canvas.addEventListener("click", function (event) {
    if (grip && grip.moved) event.preventDefault();
  }, true);
  canvas.addEventListener("dragstart", function (event) { event.preventDefault(); });
  const root = svg.querySelector("a.root");
  if (root) root.scrollIntoView({ block: "nearest", inline: "nearest" });
})();
