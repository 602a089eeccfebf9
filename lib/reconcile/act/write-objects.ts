/** A batch of repeatable writes to one cluster, a few at a time; one that fails keeps no other from being made. */
import type { KubernetesObject } from "../../api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import type { ObjectWrite } from "../decide/object-write.ts";
import { ignoreNotFound, isConflict, isNotFound } from "../trouble.ts";

/**
 * @throws the first failure, after every write was tried; a conflict only when nothing worse happened
 */
export async function writeObjects(
  client: KubernetesClient,
  writes: readonly ObjectWrite[],
  parallelism: number,
): Promise<void> {
  const waiting = [...writes];
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let write = waiting.shift(); write; write = waiting.shift()) {
      try {
        await writeObject(client, write);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallelism) }, lane));
  const worst = failures.find((error) => !isConflict(error)) ?? failures[0];
  if (worst !== undefined) throw worst;
}

async function writeObject(client: KubernetesClient, write: ObjectWrite): Promise<void> {
  switch (write.do) {
    case "create":
      return createWhole(client, write);
    case "patch":
      await client
        .patch<KubernetesObject>(write.resource, write.at, { type: "merge", body: write.body }, write.subresource)
        .catch(ignoreNotFound);
      return;
    case "delete":
      try {
        await client.delete(write.resource, write.at, write.uid ? { uid: write.uid } : {});
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
  }
}

/** Status is another door: what is known at birth is said right after it. */
async function createWhole(
  client: KubernetesClient,
  { resource, object, status }: Extract<ObjectWrite, { do: "create" }>,
): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (error instanceof KubernetesError && error.kind === "already-exists") return;
    throw error;
  }
  const { namespace, name } = object.metadata;
  const at = namespace === undefined ? { name } : { namespace, name };
  if (status) await client.patch(resource, at, { type: "merge", body: { status } }, "status");
}
