import type * as pulumi from "@pulumi/pulumi";

/** Every property that a program may set is an output too, with what the provider filled in. */

/** Of a property that has a default, or that every such resource sets. */
export type Filled<Args, Name extends keyof Args> = pulumi.Output<pulumi.Unwrap<NonNullable<Args[Name]>>>;

/** Absent when nobody has set it. */
export type Optional<Args, Name extends keyof Args> = pulumi.Output<pulumi.Unwrap<Args[Name]>>;

/** What a resource's class has to have. */
export type OutputsOf<Args> = { readonly [Name in keyof Args]-?: pulumi.Output<unknown> };

/** What has to be registered, or a program reads nothing of what it did not set. */
export type Registered<Args> = { readonly [Name in keyof Args]-?: undefined };
