/**
 * The seller's rules for pages of other origins. They are checked, with every default filled in. Names are in
 * lower case.
 */
export interface CorsRules {
  /** `undefined`: every origin. */
  readonly origins: ReadonlySet<string> | undefined
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  readonly maxAgeSeconds: number
}

/** CORS headers for one page of another origin. */
export interface CorsHeaders {
  /** Sent with answers that have no CORS headers of their own. */
  readonly headers: Readonly<Record<string, string>>
  /** Answers a preflight. */
  readonly preflight: Readonly<Record<string, string>>
}
