import { crc32, deflateSync } from "node:zlib";

type Pixel = [red: number, green: number, blue: number, alpha: number];

const INK: Pixel = [0x1b, 0x2a, 0x41, 255];
const WHITE: Pixel = [255, 255, 255, 255];
const SIGNAL: Pixel = [0x4f, 0xc3, 0x8a, 255];
const NOTHING: Pixel = [255, 255, 255, 0];

/** Two regions, of which one has taken over: full colour for the store, white on nothing for menus. */
export function colorIcon(): Buffer {
  return png(192, (x, y) => sign(x / 192, y / 192, { ground: INK, ring: WHITE, disc: SIGNAL }));
}

export function outlineIcon(): Buffer {
  return png(32, (x, y) => sign(x / 32, y / 32, { ground: NOTHING, ring: WHITE, disc: WHITE }));
}

function sign(x: number, y: number, { ground, ring, disc }: Record<"ground" | "ring" | "disc", Pixel>): Pixel {
  const left = Math.hypot(x - 0.32, y - 0.5);
  const right = Math.hypot(x - 0.68, y - 0.5);
  if (right < 0.16) return disc;
  const isRing = left < 0.16 && left > 0.1;
  const isBar = Math.abs(y - 0.5) < 0.03 && x > 0.47 && x < 0.53;
  return isRing || isBar ? ring : ground;
}

/** Eight bits of red, green, blue and alpha. https://www.w3.org/TR/png-3/ */
function png(size: number, pixel: (x: number, y: number) => Pixel): Buffer {
  const lines = Array.from({ length: size }, (_, y) => [
    0,
    ...Array.from({ length: size }, (_, x) => pixel(x + 0.5, y + 0.5)).flat(),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.from(lines.flat()));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
