import type { Context } from 'aws-lambda'
import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import type { Flow } from './flow-checks.js'
import type { Logger } from '../../logger.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { AssetOptions, ToolAssetOptions } from './money/asset-options.js'
import type { CorsOptions } from './cors-options.js'
import type { HookOptions } from './hook-options.js'
import type { StoreOptions } from './store-options.js'
import type { FacilitatorClient } from '../../facilitators/facilitator-client.js'
import type { CreditsSource } from '../answer/answer.js'

/** Whole credits: an integer ≥ 0, never a fraction and never a string. */
export type Credits = number | bigint

/**
 * The price of a call: fixed, or computed once per call from the event without its payment. The arguments
 * in it are the caller's and unchecked.
 */
export type Price =
  | Credits
  | ((event: GatewayEvent, context: Context | undefined) => Credits | Promise<Credits>)

/**
 * The check of a call's input: it gets the event without its payment, and says what is wrong.
 * - `undefined`, `null`, `true`, an empty text, or any other value: the input is good.
 * - A text: it is told to the caller.
 * - `false`, or a result with `issues` or with `success: false`, as checks of schemas return it: the input is refused.
 * - A throw: the message of the error is told to the caller, of an error with `issues` those. An error of a system
 *   (it, or its cause, has a `code`, as of a database that cannot be reached) is no fault of the caller: 503, and
 *   its message is logged only. So is a check that takes longer than 10 s.
 */
export type Validate = (event: GatewayEvent, context: Context | undefined) => unknown

/** The price of one tool. What is left out is taken from the top-level options. */
export interface ToolOptions extends ToolAssetOptions {
  /** One plan. Default: the top-level plans. Not together with `planIds`. */
  planId?: string | undefined
  /** Several plans, one `accepts` entry each. Not together with `planId`. */
  planIds?: readonly string[] | undefined
  /** Default: the top-level `credits`. */
  credits?: Price | undefined
  /** Default: the top-level `maxCredits`. */
  maxCredits?: Credits | undefined
  /** Shown to the buyer as `resource.description`. Default: the top-level `description`. */
  description?: string | undefined
  /** Whether answers of this tool are kept. Default: the top-level `keepAnswers`. */
  keepAnswers?: boolean | undefined
  /** Whether challenges for this tool have `structuredContent`. Default: the top-level `structuredChallenge`. */
  structuredChallenge?: boolean | undefined
  /** The check of this tool's input, in place of the top-level one. Default: the top-level `validate`. */
  validate?: Validate | undefined
}

/** What happens to a paid result whose settlement was refused or whose outcome is unknown. */
export type UnsettledPolicy = 'withhold' | 'deliver'

interface CommonOptions extends AssetOptions, HookOptions, StoreOptions {
  /**
   * In which order a call is sold, and who bears which risk.
   * - `'authorization'`: verify, run, settle. Two trips to a facilitator. The seller works for nothing where a
   *   settlement fails after a good verify; the buyer pays for results only.
   * - `'upfront'`: settle, run. One trip, and no work without payment. The buyer pays for a run that may fail:
   *   a refund is then due, and said so in the answer, to `onRefundDue` and to `onEvent`. For a price that is
   *   known before the run; on chains it is announced as `extra.paymentFlow`, which buyers may refuse.
   * - `'overlap'`: verify beside the run, then settle. For handlers without side effects: one whose payment turns
   *   out bad has worked for nothing; its result is dropped, and `payment.signal` aborted. Not in interceptors.
   *
   * @default 'authorization'
   */
  flow?: Flow | undefined
  /**
   * Credits of a call, verified before the handler runs and settled after it unless the handler says
   * otherwise. 0 without `maxCredits` makes a call free. A bad answer of a function refuses the call
   * before anything runs. Unit: plan credits. @default 1
   */
  credits?: Price | undefined
  /**
   * Upper bound of what a call may settle, verified up front. A quote above it refuses the call, a
   * `creditsToCharge` above it settles this much. Unit: plan credits. Default: none; `credits` is
   * verified and the handler's own override is settled as given.
   */
  maxCredits?: Credits | undefined
  /**
   * Where `creditsToCharge` may be read, in the order meta, header, content, body. A source other than
   * `'meta'` lets text a buyer can influence set the price: opt in knowingly. A Lambda target behind the
   * interceptor can say its price only with `'content'`, and that it failed (`isError`), since the Gateway turns
   * what it returns into text. @default ['meta']
   */
  creditsFrom?: readonly CreditsSource[] | undefined
  /**
   * Prices per tool, keyed by full name (`Target___tool`) or bare name; the full name wins. `'free'` runs the handler
   * free of charge. A tool without a row uses the top-level plans. Without those it is refused as unknown (JSON-RPC
   * −32602). So is a name that differs from a row only in case or Unicode form. Names above 256 characters, and paths
   * above 2048, need a row of their own. `x_amz_bedrock_agentcore_search` is treated like `unbilled` methods unless it
   * has a row.
   */
  tools?: Readonly<Record<string, ToolOptions | 'free'>> | undefined
  /**
   * The tools there are beside the rows of `tools`, by full or bare name, at the top-level price. A call of
   * another is refused as unknown: nothing runs, nothing is charged. Default: with a top-level plan or price every
   * name is sold, whether there is such a tool or not.
   */
  toolNames?: readonly string[] | undefined
  /**
   * With `price` the scheme of it: `'exact'`, or `'upto'`, which charges what the handler says in
   * `_meta.amountToCharge`, at most `price`; plans are then looked up. @default 'exact'
   * Without `price`, the x402 scheme of every plan, e.g. `nvm:erc4337`. Default: looked up per plan, cached 5
   * minutes.
   */
  scheme?: string | undefined
  /**
   * With `price` its CAIP-2 network, required; plans are then looked up. Without, the network of every
   * plan, e.g. `eip155:84532`. Default: looked up per plan, cached 5 minutes.
   */
  network?: string | undefined
  /** Shown to the buyer as `resource.description`. Default: absent. */
  description?: string | undefined
  /** Shown to the buyer as `resource.mimeType`. Default: absent. */
  mimeType?: string | undefined
  /**
   * HTTP header or headers a payment may come in, any case. The first whose value decodes as a payment
   * wins, else the first present; `Bearer ` is stripped. @default 'payment-signature'
   */
  tokenHeader?: string | readonly string[] | undefined
  /** JSON-RPC methods that cost. @default ['tools/call'] */
  billableMethods?: readonly string[] | undefined
  /**
   * Who answers the methods that are not sold.
   * - `'gateway'`: the Gateway, which gets them without payment. Events without a Gateway (Function URL, API
   *   Gateway, load balancer) go to the handler, free of charge, if their method only describes a server:
   *   `initialize`, `ping`, `server/discover`, `logging/setLevel`, the lists of tools, prompts and resources,
   *   and notifications. An answer that is no result of that method is withheld, and the handler does not run
   *   for it again. All other methods are unknown (JSON-RPC −32601): nothing runs.
   * - A list of methods, e.g. `['prompts/get', 'resources/read']`: the handler answers these too, free of charge,
   *   whatever it answers.
   * - `'handler'`: the handler answers every method of MCP, free of charge, behind a Gateway too.
   *
   * A handler that runs free must look at `method`: the caller chooses it, and `params` is whatever came with it.
   * @default 'gateway'
   */
  unbilled?: 'gateway' | 'handler' | readonly string[] | undefined
  /**
   * What the HTTP targets of a Gateway speak (events with an `http` key). `'http'`: every request is a
   * call, priced by `tools` under `POST /path` or `/path`, refused with HTTP 402, and `billableMethods` does
   * not count. `'mcp'`: they are MCP servers, whose messages are sold as everywhere else. The seller says which,
   * since a request that could choose would choose to be free. @default 'http'
   */
  httpTargets?: 'http' | 'mcp' | undefined
  /**
   * What Function URLs, API Gateway and load balancers bring. `'mcp'`: JSON-RPC messages. `'http'`: every
   * request is a call, priced by `tools` under `GET /path` or `/path` (as in the event's `rawPath` or
   * `path`), and refused with HTTP 402. @default 'mcp'
   */
  httpEvents?: 'http' | 'mcp' | undefined
  /**
   * Lets pages of other origins buy: says so in our own answers (challenges, refusals, receipts), answers the
   * preflights of browsers, and lets pages read the headers of payments. `true` means every origin. An answer of the
   * handler that has `Access-Control-Allow-Origin` keeps it.
   *
   * Default: our own answers say nothing of origins. Preflights go to the handler of `requiresPayment`, free of charge and
   * without their bodies. A Function URL and an HTTP API can do the same with a CORS configuration of their own: then
   * leave this out, and list `payment-required` and `payment-response` in its `ExposeHeaders`.
   */
  cors?: true | CorsOptions | undefined
  /**
   * Echo the caller's `Authorization` to the target where it is a bearer JWT. It then takes the place of
   * the target's own credentials. @default false
   */
  forwardAuthorization?: boolean | undefined
  /**
   * Checks the input of a call before its price is computed, before it is asked for a payment, and before any
   * facilitator is asked. Bad input is answered as bad input: with `isError` and the reason, over plain HTTP with
   * 400. Nothing runs, and nothing is charged. It is called for free tools too, and not for methods that are not
   * sold. An interceptor calls it at REQUEST. It should say the same of the same input each time: a buyer who comes
   * back with a payment is checked again. Default: none.
   */
  validate?: Validate | undefined
  /**
   * Whether the challenge of an MCP call stands in `structuredContent` as well as in its text. Clients of the MCP SDK
   * 1.x check it against the `outputSchema` of the tool, and then report a broken answer instead of the challenge. Where
   * `tools/list` is answered through us (an interceptor at RESPONSE, a handler behind a Function URL), its schemas are
   * made to fit. Where it is not (`requiresPayment` at REQUEST of a Gateway alone), set `false` for priced tools with an
   * `outputSchema`: buyers then read the challenge from the text. @default true
   */
  structuredChallenge?: boolean | undefined
  /**
   * What to do with finished work when the facilitator refuses to settle, or cannot be asked to.
   * @default 'withhold'
   */
  onSettlementRefused?: UnsettledPolicy | undefined
  /** What to do when the outcome of a settlement stays unknown. @default 'withhold' */
  onSettlementUnknown?: UnsettledPolicy | undefined
  /**
   * Repeat a settle whose answer was lost also for reusable (version 2) tokens, relying on the
   * facilitator's idempotency by agent request id. Single-use tokens are always repeated. @default false
   */
  retrySettleByRequestId?: boolean | undefined
  /** Charge results with `isError`, JSON-RPC errors and non-2xx outputs too. @default false */
  chargeOnError?: boolean | undefined
  /**
   * Limit of verify, and likewise of the plan look-ups before it; both also bounded by the Lambda's
   * remaining time. Unit: ms, 1 to 900 000. @default 5000
   */
  verifyTimeoutMs?: number | undefined
  /**
   * Limit of one settle attempt, also bounded by the Lambda's remaining time. Unit: ms, 1 to 900 000.
   * @default 25000
   */
  settleTimeoutMs?: number | undefined
  /**
   * Time of the Lambda kept back to answer after settle. With less than this plus 2 s left after
   * verify, the handler is not started. Unit: ms, 1 to 900 000. @default 1000
   */
  settleReserveMs?: number | undefined
  /** Default: a Powertools `Logger` named `agentcore-x402`, level WARN. */
  logger?: Logger | undefined
  /**
   * Wall clock for the age of what is cached, how long payments are valid, and events, to replace in tests.
   * Unit: ms. @default Date.now
   */
  now?: (() => number) | undefined
}

/**
 * Who verifies and settles: of plans a `Payments`, or a bare facilitator with scheme and network given; of
 * prices in money the `facilitators`.
 */
type SellerOptions =
  | { payments: SellerPayments; facilitator?: undefined }
  | { payments?: undefined; facilitator: Facilitator; scheme: string; network: string }
  | { payments?: undefined; facilitator?: undefined; facilitators: readonly FacilitatorClient[] }

/** One plan, several, or none where every tool names its own. */
type PlanOptions =
  | { planId?: string | undefined; planIds?: undefined }
  | { planId?: undefined; planIds?: readonly string[] | undefined }

/** Nevermined refuses an agent without a resource URL (`BCK.X402.0012`), so they come together. */
type AgentOptions =
  | {
      agentId?: undefined
      /**
       * `resource.url` of every call. Default: `mcp://tool/<full tool name>`; of a plain request the URL that was
       * called, without its query. A Gateway does not tell its domain: there it is the path, which buyers of x402 v1
       * refuse, since they want an absolute URL.
       */
      endpoint?: string | undefined
    }
  | {
      /** Goes into `accepts[].extra.agentId`. */
      agentId: string | undefined
      endpoint: string | undefined
    }

/** Options of `requiresPayment`. Unknown names and empty strings are refused when the wrapper is made. */
export type RequiresPaymentOptions = CommonOptions & SellerOptions & PlanOptions & AgentOptions
