/** Types that calls of both planes share. */

/** Options of a single call. */
export interface CallOptions {
  /**
   * Ends the call with its reason. AWS may still carry out a request that was under way.
   *
   * @default none
   */
  abortSignal?: AbortSignal | undefined
}

/** The answer of an operation. AWS types members that are always there as perhaps undefined. */
export type AwsAnswer<T> = { [K in keyof Omit<T, '$metadata'>]: Exclude<T[K], undefined> }

export function withoutMetadata<T extends { $metadata?: unknown }>(output: T): AwsAnswer<T> {
  const answer: Partial<T> = { ...output }
  delete answer.$metadata
  return answer as AwsAnswer<T>
}

/** Opens with the first call, and again with the next call if that failed. */
export function keptOpen<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
}
