// Copies the address of the page as it stands. Browsers give the clipboard to secure
// origins only and may refuse it: then the address is shown, selected, and copied the old way.

export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const field = parentElement.querySelector("input");
  const status = parentElement.querySelector("[role=status]");
  let clearing;

  function say(text) {
    status.textContent = text;
    clearTimeout(clearing);
    clearing = setTimeout(() => (status.textContent = ""), 4000);
  }

  button.onclick = async () => {
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
      field.hidden = true;
      say("Copied");
    } catch {
      field.value = link;
      field.hidden = false;
      field.focus();
      field.select();
      say(document.execCommand("copy") ? "Copied" : "Selected: copy with Ctrl+C");
    }
  };

  return () => clearTimeout(clearing);
}
