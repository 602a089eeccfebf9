/** Values of labels that name something: the name itself, or its hash when the name is no label value. */

const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash;
}

/** @source cluster-api internal/labels (MustFormatValue): "hash_" + unpadded base64url of FNV-1a 32 + "_z" */
export function poolNameLabel(name: string): string {
  if (LABEL_VALUE.test(name)) return name;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, fnv1a(name));
  return `hash_${Buffer.from(bytes).toString("base64url")}_z`;
}

/** A hint like every label: whoever finds something by it looks at its providerID as well. */
export const instanceLabel = (instanceId: string): string => poolNameLabel(instanceId);
