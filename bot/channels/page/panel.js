// A panel of the playground: the 150 flowers by two of their measurements, and the star among them.
// Places are shares of the panel, so that it has any width; the signs keep their size.
const STAR = "M0-12 3-4 11-4 5 2 7 10 0 5-7 10-5 2-11-4-3-4z";
const KEY_STEP = 0.1, LONG_STEP = 0.5; // cm

function draw(name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  parent?.append(element);
  return element;
}

export class Panel {
  // `move` is called with a length and a width in cm when somebody moves the star there.
  constructor(name, { x, y, from, to }, { flowers, species }, move) {
    const root = document.getElementById(name);
    Object.assign(this, { name, x, y, from, to, root, move, species });
    this.regions = draw("svg", { class: "regions", preserveAspectRatio: "none" }, root);
    for (const layer of ["axes", "lines", "flowers", "rings"]) {
      this[layer] = draw("g", { class: layer, "aria-hidden": "true" }, root);
    }
    this.drawAxes();
    this.signs = flowers.map((flower) => {
      const sign = species[flower[4]];
      return draw("use", { href: `#${sign}`, class: sign, ...this.spot(flower) }, this.flowers);
    });
    this.star = draw("svg", {
      class: "star", role: "slider", tabindex: 0, "aria-label": `Your flower among the ${name}`,
      "aria-valuemin": from[0], "aria-valuemax": to[0],
    }, root);
    draw("circle", { r: 24, class: "grip" }, this.star);
    draw("path", { d: STAR }, this.star);
    this.listen();
  }

  // Return where a flower lies, as the attributes of a sign.
  spot(flower) {
    const share = (axis, cm) => (cm - this.from[axis]) / (this.to[axis] - this.from[axis]);
    return {
      x: `${(100 * share(0, flower[this.x])).toFixed(2)}%`,
      y: `${(100 - 100 * share(1, flower[this.y])).toFixed(2)}%`,
    };
  }

  drawAxes() {
    const { x, y, from, to, axes } = this;
    const write = (text, place) => { draw("text", place, axes).textContent = text; };
    for (let cm = Math.ceil(from[0]); cm <= to[0]; cm += 1) {
      write(cm, { ...this.spot({ [x]: cm, [y]: from[1] }), dy: 16, "text-anchor": "middle" });
    }
    for (let cm = Math.ceil(2 * from[1]) / 2; cm <= to[1]; cm += 0.5) {
      write(cm, { ...this.spot({ [x]: from[0], [y]: cm }), dx: -6, dy: 4, "text-anchor": "end" });
    }
    write("width (cm)", { x: 0, y: 0, dx: -24, dy: -10 });
    write("length (cm)", { x: "50%", y: "100%", dy: 34, "text-anchor": "middle" });
  }

  place(flower) {
    const told = `length ${flower[this.x]} cm, width ${flower[this.y]} cm`;
    const now = { "aria-valuenow": flower[this.x], "aria-valuetext": told, ...this.spot(flower) };
    for (const key in now) this.star.setAttribute(key, now[key]);
    this.flower = flower;
  }

  show({ regions, neighbours, training }) {
    this.showRegions(regions[this.name]);
    this.signs.forEach((sign, at) => sign.classList.toggle("held", !training.includes(at)));
    const { x: x1, y: y1 } = this.spot(this.flower), lines = [], rings = [];
    for (const { flower } of neighbours) {
      const { x, y } = this.spot(flower);
      lines.push(draw("line", { x1, y1, x2: x, y2: y }));
      rings.push(draw("circle", { cx: x, cy: y, r: 8, class: "ring" }));
    }
    this.lines.replaceChildren(...lines);
    this.rings.replaceChildren(...rings);
  }

  // Each species is one path, made of a rectangle for every run of cells in a row.
  showRegions(rows) {
    const paths = this.species.map(() => "");
    rows.forEach((cells, y) => {
      for (const { 0: run, 1: number, index: x } of cells.matchAll(/(\d)\1*/g)) {
        paths[number] += `M${x} ${y}h${run.length}v1h-${run.length}z`;
      }
    });
    this.regions.setAttribute("viewBox", `0 0 ${rows[0].length} ${rows.length}`);
    const species = paths.map((d, number) => draw("path", { d, class: this.species[number] }));
    this.regions.replaceChildren(...species);
  }

  listen() {
    const { root, star, from, to } = this;
    const moveTo = ({ clientX, clientY }) => {
      const { left, bottom, width, height } = root.getBoundingClientRect();
      const right = (clientX - left) / width, up = (bottom - clientY) / height;
      this.move(from[0] + right * (to[0] - from[0]), from[1] + up * (to[1] - from[1]));
    };
    // A finger drags the star only, so that the rest of the panel still scrolls the page.
    root.onpointerdown = (event) => {
      const isOnStar = star.contains(event.target);
      if (event.button || (event.pointerType !== "mouse" && !isOnStar)) return;
      event.preventDefault();
      root.setPointerCapture(event.pointerId);
      star.focus({ preventScroll: true });
      if (!isOnStar) moveTo(event);
    };
    root.onpointermove = (event) => {
      if (root.hasPointerCapture(event.pointerId)) moveTo(event);
    };
    root.onclick = (event) => { if (!star.contains(event.target)) moveTo(event); };
    star.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    star.onkeydown = (event) => {
      const step = event.shiftKey ? LONG_STEP : KEY_STEP;
      const right = { ArrowLeft: -step, ArrowRight: step }[event.key] ?? 0;
      const up = { ArrowDown: -step, ArrowUp: step }[event.key] ?? 0;
      if (!right && !up) return;
      event.preventDefault();
      this.move(this.flower[this.x] + right, this.flower[this.y] + up);
    };
  }
}
