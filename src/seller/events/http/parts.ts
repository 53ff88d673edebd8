/**
 * What is needed only for HTTP events, and for answers with headers of their own. It is loaded with the first
 * of them.
 */
export { fitting } from './content.js'
export { withCaching } from '../caching.js'
export { corsFor, isPreflight, withCors } from '../cors.js'
export { gatewayHttpAnswer, openGatewayHttp } from '../gateway-http.js'
export { httpEventAnswer, openHttpEvent } from '../http-event.js'
export { plainPath } from './plain-path.js'
