// What is pressed stays as it is until it is let go: drawn anew meanwhile, it would lose the click.

const pressed = new WeakMap(); // when a button was last pressed there
const HELD = 50; // milliseconds after which what is pressed is looked at again
const LONGEST = 10_000; // milliseconds until a pressed button is taken for forgotten

function watchPresses(root) {
  root.onpointerdown = (event) => pressed.set(root, event.timeStamp);
}

const isHeld = (root) =>
  root.matches(":active") && performance.now() - pressed.get(root) < LONGEST;
