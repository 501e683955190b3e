/** `@pulumi/libvirt`: tokens and properties of 0.5.4, and what the provider in providers/libvirt has beyond it. */
export * from "./cloud-init-disk";
export * from "./domain";
export * from "./domain-args";
export * from "./network";
export * from "./pool";
export * from "./provider";
export * from "./volume";
