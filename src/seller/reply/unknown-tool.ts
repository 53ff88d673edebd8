import type { Reply } from '../events/event-shape.js'
import type { Sale } from '../options/sale.js'
import { warnOnce } from '../options/warn-once.js'
import { rpcError } from './respond.js'

/** Answers a call of a tool that is not sold, and tells the seller which tools are. */
export function unknownTool(sale: Sale): Reply {
  const { call, settings } = sale
  const sold = [...settings.tools.keys()]
  settings.logger.debug('unknown tool', { tool: call.label, sold })
  if (call.transport.protocol === 'mcp' && sold.length > 0 && sold.every(isRoute)) {
    warnOnce(sale, SELLS_ROUTES, { tool: call.label })
  }
  return rpcError(-32602, 'Unknown tool', 404)
}

/** Whether the name of a row is a path, or a method and a path. */
function isRoute(name: string): boolean {
  return /^([A-Z]+ )?\//.test(name)
}

const SELLS_ROUTES =
  "A tool was called, and every row of the option tools is a path of a plain HTTP service. Set httpEvents: 'http' and " +
  'use a Function URL or API Gateway, or write the names of tools.'
