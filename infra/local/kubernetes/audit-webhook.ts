/** The audit backend: batches of events to one URL, retried like the API server retries, then dropped and counted. */
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { Clock } from "../clock.ts";
import { type AuditPolicy, type AuditSink, underPolicy } from "./audit.ts";
import type { Json } from "./object.ts";

export interface AuditWebhookOptions {
  readonly url: string;
  /** Bearer token; sent over https only, as client-go does. */
  readonly token: string;
  readonly caPem?: string;
  readonly policy?: AuditPolicy;
  readonly batchMaxWaitSeconds?: number;
  readonly batchMaxSize?: number;
  readonly initialBackoffSeconds?: number;
}

export interface AuditWebhook {
  readonly sink: AuditSink;
  /** Events given up: buffer full, or five attempts failed. */
  dropped(): number;
  /** Events the receiver has answered with 2xx. */
  delivered(): number;
  close(): void;
}

/** kube-apiserver's default of --audit-webhook-batch-buffer-size. */
const BUFFER_SIZE = 10_000;
const ATTEMPTS = 5;
const TIMEOUT_MILLISECONDS = 30_000;
const EVERYTHING: AuditPolicy = { rules: [{ level: "RequestResponse" }], omitStages: ["RequestReceived"] };

interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
  readonly agent: Agent | undefined;
}

/** @returns whether the receiver answered 2xx; its body does not matter */
function post({ url, headers, body, agent }: Post): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const sending = send(url, { method: "POST", headers, agent, timeout: TIMEOUT_MILLISECONDS }, (response) => {
    const code = response.statusCode ?? 0;
    response.on("error", () => resolve(false)).resume();
    response.on("end", () => resolve(code >= 200 && code < 300));
  });
  sending.on("timeout", () => sending.destroy());
  sending.on("error", () => resolve(false));
  sending.on("close", () => resolve(false));
  sending.end(body);
  return promise;
}

export function createAuditWebhook(clock: Clock, options: AuditWebhookOptions): AuditWebhook {
  const { token, caPem, policy = EVERYTHING, batchMaxWaitSeconds = 30, batchMaxSize = 400 } = options;
  const { initialBackoffSeconds = 10 } = options;
  const url = new URL(options.url);
  url.searchParams.set("timeout", "30s");
  const secure = url.protocol === "https:";
  const agent = secure ? new Agent({ keepAlive: true, ...(caPem && { ca: caPem }) }) : undefined;
  const timers = new Set<() => void>();
  let buffer: Json[] = [];
  let waiting: (() => void) | undefined;
  let delivered = 0;
  let dropped = 0;
  let closed = false;

  const later = (seconds: number, run: () => void) => {
    if (closed) return () => {};
    const cancel = clock.after(seconds, () => {
      timers.delete(cancel);
      run();
    });
    timers.add(cancel);
    return cancel;
  };

  const attempt = async (items: readonly Json[], tried: number): Promise<void> => {
    const release = clock.hold();
    const body = Buffer.from(JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items }));
    const headers = {
      "content-type": "application/json",
      accept: "application/json, */*",
      "content-length": body.length,
      ...(secure && { authorization: `Bearer ${token}` }),
    };
    const well = await post({ url, headers, body, agent }).finally(release);
    if (well) delivered += items.length;
    else if (tried + 1 >= ATTEMPTS) dropped += items.length;
    else later(initialBackoffSeconds * 1.5 ** tried, () => void attempt(items, tried + 1));
  };
  const flush = () => {
    waiting?.();
    waiting = undefined;
    for (; buffer.length > 0; buffer = buffer.slice(batchMaxSize)) void attempt(buffer.slice(0, batchMaxSize), 0);
  };

  return {
    sink: (record) => {
      const event = underPolicy(policy, record);
      if (!event) return;
      if (buffer.length >= BUFFER_SIZE) {
        dropped++;
        return;
      }
      buffer.push(event);
      if (buffer.length >= batchMaxSize) flush();
      else waiting ??= later(batchMaxWaitSeconds, flush);
    },
    dropped: () => dropped,
    delivered: () => delivered,
    close: () => {
      closed = true;
      for (const cancel of timers) cancel();
      timers.clear();
      agent?.destroy();
    },
  };
}
