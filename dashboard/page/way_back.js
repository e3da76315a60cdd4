// After a login the provider sends everybody to Home: what led here is kept for this tab alone,
// and followed from there as Back is, which Streamlit answers without a new visit.

const NAME = "atlas-way-back";

export default function ({ data }) {
  try {
    if (data === "keep") {
      sessionStorage.setItem(NAME, location.pathname + location.search);
      return;
    }
    const kept = sessionStorage.getItem(NAME);
    sessionStorage.removeItem(NAME); // a page is shown: who is let in by another tab is there
    if (data !== "follow" || !kept || kept === location.pathname + location.search) return;
    history.pushState(null, "", kept); // refuses another server's address
    dispatchEvent(new PopStateEvent("popstate"));
  } catch {
    // A browser that keeps nothing stays at Home.
  }
}
