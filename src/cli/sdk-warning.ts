/** Silences AWS's SDK, which warns of old versions of Node. The warning would hide what a command says. */
export function silenceSdkWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
}
