import { createInterceptor } from '../seller/interceptor.js'
import { Payments } from '../payments.js'
import type { GatewayOptions, GatewayTarget, ToolDefinition } from './gateway/protocol/options.js'
import type { LambdaHandler } from './lambda/lambda.js'
import type { InterceptorStore } from '../seller/options/interceptor-options.js'
import type { PaymentStore } from '../seller/options/payment-store.js'
import { OptionsError } from '../errors/payment-error.js'
import { fullToolName } from '../wire/tool-names.js'

/** What is sold at `POST /mcp` of the local stack. */
export interface ShopOptions {
  /**
   * A Lambda that sells by itself, attached as REQUEST interceptor before a stub target.
   *
   * @default an example that greets for one credit, or for $0.01 of the local `x402`
   */
  handler?: LambdaHandler
  /**
   * An interceptor of yours, attached to REQUEST and RESPONSE before `target`.
   *
   * @default none; with `target` one that charges a credit a call
   */
  interceptor?: LambdaHandler
  /**
   * URL of an MCP server to sell.
   *
   * @default none; with `interceptor` an example Lambda that greets
   */
  target?: string
  /**
   * The tools that the stub or example target declares.
   *
   * @default `hello`
   */
  tools?: readonly ToolDefinition[]
}

/** The seller. */
export interface Seller {
  nvmApiKey: string
  backendUrl: string
  planId: string
  /** The address that buyers pay money to. */
  address: string
  /** Where payments are kept. */
  store: (PaymentStore & InterceptorStore) | undefined
}

const GREETER = 'Greeter'
const HELLO: ToolDefinition = {
  name: 'hello',
  description: 'Greets you by name, for one credit or $0.01.',
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Whom to greet' },
      headers: { type: 'object', description: 'A payment may come here: PAYMENT-SIGNATURE' },
    },
    required: ['name'],
  },
}

/**
 * The Gateway of the local stack. It has a wrapped handler before a stub, or an interceptor at both points
 * before a target.
 *
 * @param example makes the handler that sells the declared tools, if the options name none
 */
export function shopGateway(
  options: ShopOptions,
  seller: Seller,
  example: (seller: Seller, tools: readonly string[]) => LambdaHandler,
): GatewayOptions {
  const { handler, interceptor, target, tools = [HELLO] } = options
  const { nvmApiKey, backendUrl, planId, store } = seller
  if (interceptor === undefined && target === undefined) {
    const lambda = handler ?? example(seller, namesOf(tools))
    return {
      targets: [{ name: GREETER, lambda: stub, tools }],
      requestInterceptor: { lambda, passRequestHeaders: true },
    }
  }
  const payments = Payments.getInstance({ nvmApiKey, backendUrl })
  const lambda =
    interceptor ??
    createInterceptor({ payments, planId, ...(store && { store, paymentStore: store }) }).handle
  const both = { lambda, passRequestHeaders: true }
  const sold: GatewayTarget =
    target === undefined ? { name: GREETER, lambda: greet, tools } : { name: 'Target', mcp: target }
  return { targets: [sold], requestInterceptor: both, responseInterceptor: both, streaming: true }
}

/** The tools of the stub or example target, as the Gateway lists them. An MCP server has tools of its own. */
export function listedTools({ tools = [HELLO] }: ShopOptions): ToolDefinition[] {
  return tools.map((tool) => ({ ...tool, name: fullToolName(GREETER, tool.name) }))
}

/**
 * The full names of the tools.
 *
 * @throws OptionsError if there is no tool.
 */
function namesOf(tools: readonly ToolDefinition[]): string[] {
  if (tools.length > 0) return tools.map(({ name }) => fullToolName(GREETER, name))
  throw new OptionsError('tools', 'expected at least one tool, since no handler is given')
}

/** A target that only declares the tools. The interceptor before it answers every call. */
function stub(): never {
  throw new Error('the stub target was called: its interceptor lets calls through')
}

function greet(event: unknown): string {
  const { name = 'world' } = event as { name?: string }
  return `Hello, ${name}!`
}
