/** A cluster that we can talk to: its kubeconfig is read once per sandbox, and once more when the server refuses it. */
import type { KubernetesClient } from "./client.ts";
import { KubernetesError } from "./errors.ts";
import type { ApiAnswer, ApiRequest, Exchange } from "./exchange.ts";
import { httpsSender } from "./http-exchange.ts";
import { type Access, type ClusterName, type KubeconfigSource, readKubeconfig } from "./kubeconfig.ts";
import { restClient } from "./rest-client.ts";

export type { ClusterName, KubeconfigSource } from "./kubeconfig.ts";

export interface Connection {
  /** A client whose calls end with the invocation. Makes no call by itself. */
  client(signal: AbortSignal | undefined): KubernetesClient;
  /** Reads the kubeconfig if that has not been done. Throws KubernetesError. */
  open(signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Makes no call by itself. Connections are kept alive and shared by all clients of this connection.
 * A 401 makes the kubeconfig be read again, once per call; so does, for the next call, a server that cannot be reached:
 * a cluster that was made anew has another address or another CA.
 */
export function connect(source: KubeconfigSource, cluster: ClusterName): Connection {
  const send = httpsSender();
  let current: Promise<Access> | undefined;

  const read = (): Promise<Access> => {
    const reading = readAccess(source, cluster);
    current = reading;
    reading.catch(() => forget(reading));
    return reading;
  };
  const forget = (used: Promise<Access>) => {
    if (current === used) current = undefined;
  };
  const sendAs = async (used: Promise<Access>, request: ApiRequest): Promise<ApiAnswer> => {
    const { access, headers, tls } = await patiently(request.signal, used, credentialsFrom(used));
    try {
      return await send({ server: access.server, tls }, { ...request, headers: { ...request.headers, ...headers } });
    } catch (error) {
      if (!request.signal.aborted) forget(used);
      throw error;
    }
  };
  /** A reading that outlasts whoever waits for it would outlast the next as well: the next begins anew. */
  const patiently = <T>(signal: AbortSignal, reading: Promise<Access>, work: Promise<T>): Promise<T> =>
    beforeAbort(signal, work).catch((error: unknown) => {
      if (signal.aborted) forget(reading);
      throw error;
    });
  const exchange: Exchange = async (request) => {
    const first = current ?? read();
    const answer = await sendAs(first, request);
    if (answer.status !== 401) return answer;
    forget(first);
    const second = current ?? read();
    const again = await sendAs(second, request);
    if (again.status === 401) throw refusedTwice(await second, cluster);
    return again;
  };
  return {
    client: (signal) => restClient({ exchange, name: cluster.name, signal }),
    open: async (signal) => {
      const reading = current ?? read();
      await (signal ? patiently(signal, reading, reading).catch(endedBefore(signal, cluster)) : reading);
    },
  };
}

const credentialsFrom = async (used: Promise<Access>) => {
  const access = await used;
  return { access, ...(await access.credentials()) };
};

async function readAccess(source: KubeconfigSource, cluster: ClusterName): Promise<Access> {
  const text = await source().catch((error: unknown) => {
    if (error instanceof KubernetesError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new KubernetesError(
      "unreachable",
      `${cluster.name}: cannot read its kubeconfig from ${cluster.origin}: ${said}`,
      {
        cause: error,
      },
    );
  });
  return readKubeconfig(text, cluster);
}

function refusedTwice({ server, userName }: Access, { name, origin }: ClusterName): KubernetesError {
  return new KubernetesError(
    "unauthorized",
    `${name} (${server.origin}) refuses the credential of user ${JSON.stringify(userName)}, also after reading it again: ` +
      `check that ${origin} holds a token or certificate that is still valid for this server`,
    { code: 401, reason: "Unauthorized" },
  );
}

const endedBefore =
  (signal: AbortSignal, { name, origin }: ClusterName) =>
  (error: unknown) => {
    if (error instanceof KubernetesError) throw error;
    const why = signal.aborted ? "the invocation ended" : String(error);
    throw new KubernetesError("unreachable", `${name}: reading its kubeconfig from ${origin}: ${why}`, {
      cause: error,
    });
  };

/** Reading a secret or running a plugin knows nothing of our deadline; whoever waits for it does. */
function beforeAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
