/** Where printed lines fetch texts. */
export interface TextServer {
  readonly url: string
  /** Serves a text at `/try/<name>`. */
  serveText(name: string, make: () => string): void
}

/** A request that a line makes. */
export interface TrialRequest {
  readonly url: string
  /** Default: GET, or POST if there is a body. */
  readonly method?: string | undefined
  /** JSON text. */
  readonly body?: string | undefined
}

/** A line that is longer is hard to copy. Unit: characters. */
const MAX_LINE_CHARS = 299

/** Makes lines for a shell. They fetch payments, and what is long, from the stack. */
export class Curls {
  readonly #stack: TextServer
  readonly #bodies: string[] = []

  constructor(stack: TextServer) {
    this.#stack = stack
  }

  /** @param payment the name of the text that pays */
  line(request: TrialRequest, payment?: string): string {
    const fetched = payment && this.#fetched(payment)
    const whole = lineOf(request, fetched, request.body && quoted(request.body))
    if (whole.length <= MAX_LINE_CHARS || request.body === undefined) return whole
    return lineOf(request, fetched, `"${this.#fetched(this.#nameOf(request.body))}"`)
  }

  #fetched(name: string): string {
    return `$(curl -s ${this.#stack.url}/try/${name})`
  }

  #nameOf(body: string): string {
    if (!this.#bodies.includes(body)) this.#bodies.push(body)
    const name = `call-${this.#bodies.indexOf(body) + 1}`
    this.#stack.serveText(name, () => body)
    return name
  }
}

function lineOf(
  { url, method }: TrialRequest,
  payment: string | undefined,
  body: string | undefined,
): string {
  const isUsual = method === undefined || method === (body === undefined ? 'GET' : 'POST')
  return [
    `curl -si ${/^[\w:/.-]+$/.test(url) ? url : quoted(url)}`,
    ...(isUsual ? [] : [`-X ${method}`]),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'"]),
    ...(payment === undefined ? [] : [`-H "payment-signature: ${payment}"`]),
    ...(body === undefined ? [] : [`-d ${body}`]),
  ].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Characters that steer a terminal or turn a text around, and the quote of shells. Tools of strangers may have them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}']/gu

/** JSON that a shell, a file of variables and a terminal take as it is. */
export function shellJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (one) => {
    return one.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  })
}

/** A comment, on one line. */
export function shellComment(comment: string): string {
  return comment.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
}
