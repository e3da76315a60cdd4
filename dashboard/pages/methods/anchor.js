// Keep the place that the address names in sight while the page above it takes its height
// (it is set once the component is there), until the visitor moves or ten seconds pass.
(() => {
  const main = document.querySelector('[data-testid="stMain"]')
  const name = decodeURIComponent(location.hash.slice(1))
  if (!main || !name) return
  const show = () => document.getElementById(name)?.scrollIntoView()
  const watch = new ResizeObserver(show)
  const moves = ['wheel', 'touchstart', 'keydown', 'mousedown']
  const stop = () => {
    watch.disconnect()
    moves.forEach((move) => window.removeEventListener(move, stop, true))
  }
  moves.forEach((move) => window.addEventListener(move, stop, true))
  window.setTimeout(stop, 10000)
  main.querySelectorAll('.st-key-methods_text').forEach((text) => watch.observe(text))
  show()
})()
