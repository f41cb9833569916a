/** Draws cost against number of rules, both axes logarithmic, as an SVG for light and dark pages. */
import type { Point } from './scenarios/scenario.ts';

const [WIDTH, HEIGHT] = [760, 440];
const FRAME = { left: 76, right: 150, top: 56, bottom: 60 };
const PLOT_WIDTH = WIDTH - FRAME.left - FRAME.right;
const PLOT_HEIGHT = HEIGHT - FRAME.top - FRAME.bottom;
/** Two labels at the right end stand at least so far apart. */
const LABEL_HEIGHT = 18;

/** Lines in the order of the legend; the others are not drawn. */
const LINES: Readonly<Record<string, string>> = {
  mailwright: 'ours',
  imapfilter: 'peer',
  floor: 'floor',
};

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .page { fill: #ffffff } .grid { stroke: #d0d7de } .axis { stroke: #57606a }
  polyline { fill: none; stroke-width: 2.5 }
  .ours { stroke: #1f6feb } .peer { stroke: #bc4c00 } .floor { stroke: #6e7781; stroke-dasharray: 5 4 }
  circle { stroke: none !important }
  circle.ours { fill: #1f6feb } circle.peer { fill: #bc4c00 } circle.floor { fill: #6e7781 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #30363d } .axis { stroke: #8b949e }
    .ours { stroke: #58a6ff } .peer { stroke: #f0883e } .floor { stroke: #8b949e }
    circle.ours { fill: #58a6ff } circle.peer { fill: #f0883e } circle.floor { fill: #8b949e }
  }
`;

/** The whole file. `title` says what was measured. */
export function drawChart(points: readonly Point[], title: string): string {
  const drawn = points.filter(({ who }) => Object.hasOwn(LINES, who));
  const rules = [...new Set(drawn.map((point) => point.rules))].sort((a, b) => a - b);
  const x = scale([Math.min(...rules), Math.max(...rules)], [0, PLOT_WIDTH]);
  const walls = drawn.map(({ wallMs }) => wallMs / 1000);
  const range = decades(Math.min(...walls), Math.max(...walls));
  const y = scale([range.low, range.high], [PLOT_HEIGHT, 0]);
  const body = [
    ...range.ticks.map((tick) => horizontal(y(tick), label(tick))),
    ...rules.map((count) => vertical(x(count), count.toLocaleString('en'))),
    `<path class="axis" fill="none" d="M0 0V${PLOT_HEIGHT}H${PLOT_WIDTH}"/>`,
    ...lines(drawn, { x, y }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="6"/>
<text class="title" x="${FRAME.left}" y="30">${title}</text>
<text x="${FRAME.left + PLOT_WIDTH / 2}" y="${HEIGHT - 14}" text-anchor="middle">number of rules (logarithmic)</text>
<text transform="translate(20 ${FRAME.top + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">seconds, whole process (logarithmic)</text>
<g transform="translate(${FRAME.left} ${FRAME.top})">
${body.join('\n')}
</g>
</svg>
`;
}

type Scale = (value: number) => number;

function scale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): Scale {
  const span = Math.log(high / low) || 1;
  return (value) => round(from + (Math.log(value / low) / span) * (to - from));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** 1, 2 and 5 of each decade, from just below the least value to just above the greatest. */
function decades(least: number, greatest: number): { low: number; high: number; ticks: number[] } {
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(least)) - 1; power <= Math.log10(greatest) + 1; power++) {
    for (const digit of [1, 2, 5]) steps.push(Number((digit * 10 ** power).toPrecision(1)));
  }
  const low = steps.findLast((step) => step <= least) ?? least;
  const high = steps.find((step) => step >= greatest) ?? greatest;
  return { low, high, ticks: steps.filter((step) => step >= low && step <= high) };
}

function label(seconds: number): string {
  return `${seconds} s`;
}

function horizontal(at: number, words: string): string {
  return `<line class="grid" x2="${PLOT_WIDTH}" y1="${at}" y2="${at}"/><text x="-8" y="${at + 4}" text-anchor="end">${words}</text>`;
}

function vertical(at: number, words: string): string {
  return `<line class="grid" y2="${PLOT_HEIGHT}" x1="${at}" x2="${at}"/><text x="${at}" y="${PLOT_HEIGHT + 20}" text-anchor="middle">${words}</text>`;
}

function lines(points: readonly Point[], { x, y }: { x: Scale; y: Scale }): readonly string[] {
  const ends: number[] = [];
  return Object.entries(LINES).flatMap(([who, name]) => {
    const own = points.filter((point) => point.who === who).sort((a, b) => a.rules - b.rules);
    const places = own.map(({ rules, wallMs }) => [x(rules), y(wallMs / 1000)] as const);
    const last = places.at(-1);
    if (last === undefined) return [];
    let labelY = last[1];
    while (ends.some((end) => Math.abs(end - labelY) < LABEL_HEIGHT)) labelY += 1;
    ends.push(labelY);
    return [
      `<polyline class="${name}" points="${places.map((place) => place.join(',')).join(' ')}"/>`,
      ...places.map(([cx, cy]) => `<circle class="${name}" cx="${cx}" cy="${cy}" r="4"/>`),
      // A line that ends in the middle has others on its right: its name stands above.
      last[0] < PLOT_WIDTH
        ? `<text x="${last[0]}" y="${last[1] - 12}" text-anchor="middle">${who}</text>`
        : `<text x="${last[0] + 10}" y="${labelY + 4}">${who}</text>`,
    ];
  });
}
