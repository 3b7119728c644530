/** Ids of stages along each path from a first stage to a last one. */
type Chains = readonly (readonly string[])[];

/** Whether one of two stages was made from the other; else they only are beside each other, and none is the earlier. */
export function onOneChain(chains: Chains, pair: { readonly from: string; readonly to: string }): boolean {
  return chains.some((chain) => chain.includes(pair.from) && chain.includes(pair.to));
}

/** The shares along every chain that has them. */
export function branchesOf<T>(of: { readonly shares?: T; readonly branches?: readonly T[] }): readonly T[] {
  return of.branches ?? (of.shares === undefined ? [] : [of.shares]);
}
