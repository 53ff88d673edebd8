/** A JSON Schema of any version, or of AgentCore. Nothing in it is trusted. */
export type Schema = Readonly<Record<string, unknown>>
