/** How a creation tells the engine that it got half-way: what is there stays in the state, and the next up goes on from it. */

export interface Created<Outputs> {
  readonly id: string;
  readonly outs: Outputs;
}

/** A failure carries what Pulumi's dynamic provider looks for. `inputs` holds the provider's own text, without which it could not be deleted. */
export async function keepingState<Outputs>(
  id: string,
  inputs: object,
  create: () => Promise<Outputs>,
): Promise<Created<Outputs>> {
  try {
    return { id, outs: await create() };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    throw Object.assign(failure, { id, properties: { ...inputs }, reasons: [failure.message] });
  }
}
