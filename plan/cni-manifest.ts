import type { ClusterPlan } from "./topology";

/** The CNI's manifest with the cluster's own values in place of ImageFacts.cni's placeholders. */
export const cniManifestText = (
  cluster: Pick<ClusterPlan, "cniManifest" | "podSubnet" | "endpointHost" | "endpointPort">,
): string =>
  cluster.cniManifest
    .replaceAll("@POD_SUBNET@", cluster.podSubnet)
    // Not the service address: kube-proxy programs it later than the CNI starts.
    .replaceAll("@API_SERVER_HOST@", cluster.endpointHost)
    .replaceAll("@API_SERVER_PORT@", String(cluster.endpointPort));
