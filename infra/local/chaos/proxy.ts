/** A TCP proxy between the functions and one server: it delays, cuts and swallows what it carries, as its dice fall. */
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import type { Dice } from "./dice.ts";
import { isHalfOpen, nextStrike, type Rates, type Strike, type WireFault } from "./plan.ts";

export interface ProxyOptions {
  /** Names the server in what is told. */
  readonly name: string;
  readonly port: number;
  readonly dice: Dice;
  readonly rates: Rates;
  /** Told of each fault; false: it is one too many, and does not happen. */
  readonly allow: (fault: WireFault, where: string) => boolean;
}

export interface FaultProxy {
  readonly port: number;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Nothing gets through any more, and neither side hears of it. */
  swallowed: boolean;
}

/** Decides about one chunk after the other: both directions are counted, and a strike waits for its own side's next chunk. */
function judgeOf(pair: Pair, id: string, { dice, rates, allow }: ProxyOptions) {
  let strikes = 0;
  const next = () => nextStrike(dice, `${id} ${strikes++}`, rates);
  let strike = next();
  let bytes = 0;
  /** @returns milliseconds after which the chunk goes on; undefined: never */
  return (side: Strike["on"], size: number): number | undefined => {
    if (pair.swallowed) return undefined;
    bytes += size;
    if (bytes < strike.afterBytes || strike.on !== side) return 0;
    const { fault, milliseconds } = strike;
    bytes = 0;
    strike = next();
    if (!allow(fault, `${id}, ${side}`)) return 0;
    if (fault === "latency") return milliseconds;
    if (fault === "reset") for (const socket of [pair.client, pair.server]) socket.resetAndDestroy();
    else pair.swallowed = true;
    return undefined;
  };
}

function pump(from: Socket, to: Socket, judge: (size: number) => number | undefined): void {
  from.on("data", (chunk: Buffer) => {
    const delay = judge(chunk.length);
    if (delay === undefined) return;
    if (delay === 0) return void to.write(chunk);
    // Order stays: nothing more is read before this chunk is on its way.
    from.pause();
    setTimeout(() => {
      if (to.writable) to.write(chunk);
      from.resume();
    }, delay);
  });
}

function carry(client: Socket, server: Socket, id: string, options: ProxyOptions): void {
  const pair: Pair = { client, server, swallowed: false };
  const judge = judgeOf(pair, id, options);
  for (const socket of [client, server]) socket.on("error", () => {}).setNoDelay(true);
  pump(client, server, (size) => judge("request", size));
  pump(server, client, (size) => judge("answer", size));
  client.on("close", () => server.destroy());
  server.on("close", () => {
    if (!pair.swallowed) client.destroy();
  });
}

export async function startProxy(options: ProxyOptions): Promise<FaultProxy> {
  const { name, port, dice, rates, allow } = options;
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer((client) => {
    const id = `${name} #${++accepted}`;
    open.add(client);
    client.on("close", () => open.delete(client));
    if (isHalfOpen(dice, id, rates) && allow("half-open", id)) return void client.on("error", () => {}).resume();
    const behind = dial(port, "127.0.0.1");
    carry(client, behind, id, options);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
