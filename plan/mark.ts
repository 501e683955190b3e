/** Whose a libvirt object is. Nothing that does not carry this stack's mark is ever changed or removed. */
export interface Mark {
  /** Hexadecimal random id of the stack (random.RandomId), made once and never changed. */
  readonly stackId: string;
  readonly project: string;
  readonly stack: string;
  /** The resource's URN. */
  readonly urn: string;
}
