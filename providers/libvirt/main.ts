import { serve } from "../kit/serve";
import { cloudInitDisk } from "./cloud-init-disk";
import { checkConfig, configChanges, configure } from "./connection";
import { domain } from "./domain";
import { network } from "./network";
import { pool } from "./pool";
import { volume } from "./volume";

/** The libvirt provider: tokens and property names of @pulumi/libvirt 0.5.4 over virsh, and what that one lacked. */
void serve({
  name: "libvirt",
  version: "0.5.4",
  resources: {
    "libvirt:index/network:Network": network,
    "libvirt:index/pool:Pool": pool,
    "libvirt:index/volume:Volume": volume,
    "libvirt:index/cloudInitDisk:CloudInitDisk": cloudInitDisk,
    "libvirt:index/domain:Domain": domain,
  },
  checkConfig,
  diffConfig: configChanges,
  configure,
});
