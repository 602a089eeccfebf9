/** A key as queues carry it: a JSON text of its three fields, and nothing else. */
import * as z from "zod";
import type { Key } from "../api/key.ts";

const key = z.strictObject({ kind: z.string().min(1), namespace: z.string(), name: z.string().min(1) });

/** undefined: no key. */
export function readKey(body: string): Key | undefined {
  try {
    return key.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

export const keyText = ({ kind, namespace, name }: Key): string => JSON.stringify({ kind, namespace, name });
