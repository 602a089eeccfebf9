/** What runs on a machine after its first boot: the pool's own extensions, and upstream's that waits for kubeadm. */
import type { VirtualMachineScaleSetExtension } from "@azure/arm-compute";
import type { AzureVmExtension } from "../../../api/azure/azure-machine-template.ts";
import { type AzureRequest, isWindows } from "./request.ts";

/** @source CAPZ azure/defaults.go (GetBootstrappingVMExtension) */
const PUBLISHER = "Microsoft.Azure.ContainerUpstream";
const LINUX = "CAPZ.Linux.Bootstrapping";
const WINDOWS = "CAPZ.Windows.Bootstrapping";
const TRIES = 60;
const PAUSE_SECONDS = 5;
const LINUX_SENTINEL = "/run/cluster-api/bootstrap-success.complete";
const WINDOWS_SENTINEL = "C:\\run\\cluster-api\\bootstrap-success.complete";

/** The waiting one only where somebody asks for it, and where its publisher is. */
export function extensionsOf(request: AzureRequest): VirtualMachineScaleSetExtension[] {
  const { disableVMBootstrapExtension, vmExtensions = [], vmSize } = request.pool.spec.template;
  const own = vmExtensions.map(ownExtension);
  const isPublic = request.surroundings.environment === "AzurePublicCloud";
  if (disableVMBootstrapExtension !== false || !isPublic) return own;
  return [...own, isWindows(request) ? windowsBootstrap : linuxBootstrap(isArm(vmSize))];
}

const ownExtension = ({ name, publisher, version, settings, protectedSettings }: AzureVmExtension) => ({
  name,
  publisher,
  typePropertiesType: name,
  typeHandlerVersion: version,
  ...(settings && { settings }),
  ...(protectedSettings && { protectedSettings }),
});

/** Azure names Arm sizes with a "p" behind the number of processors, e.g. Standard_D4ps_v5. */
const isArm = (size: string): boolean => /^Standard_[A-Z]+\d+[a-z]*p[a-z]*_/i.test(size);

const linuxBootstrap = (arm: boolean): VirtualMachineScaleSetExtension => ({
  name: LINUX,
  publisher: PUBLISHER,
  typePropertiesType: LINUX,
  typeHandlerVersion: arm ? "1.1" : "1.0",
  protectedSettings: {
    commandToExecute: `for i in $(seq 1 ${TRIES}); do test -f ${LINUX_SENTINEL} && exit 0; sleep ${PAUSE_SECONDS}; done; exit 1`,
  },
});

const windowsBootstrap: VirtualMachineScaleSetExtension = {
  name: WINDOWS,
  publisher: PUBLISHER,
  typePropertiesType: WINDOWS,
  typeHandlerVersion: "1.0",
  protectedSettings: {
    commandToExecute:
      `powershell.exe -Command "for ($i = 0; $i -lt ${TRIES}; $i++) ` +
      `{ if (Test-Path '${WINDOWS_SENTINEL}') { exit 0 } Start-Sleep -Seconds ${PAUSE_SECONDS} } exit 1"`,
  },
};
