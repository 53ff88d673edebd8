/** What the seller says of pages of other origins. Checked, with every default filled in. Names are in lower case. */
export interface CorsRules {
  /** `undefined`: every origin. */
  readonly origins: ReadonlySet<string> | undefined
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  readonly maxAgeSeconds: number
}

/** What a page of another origin is told with every answer. */
export interface CorsHeaders {
  /** Sent with answers that say nothing of origins themselves. */
  readonly headers: Readonly<Record<string, string>>
  /** Answers a preflight. */
  readonly preflight: Readonly<Record<string, string>>
}
