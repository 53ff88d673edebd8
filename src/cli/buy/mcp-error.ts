/** A server answered with an error of JSON-RPC. */
export class McpError extends Error {
  override readonly name = 'McpError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}
