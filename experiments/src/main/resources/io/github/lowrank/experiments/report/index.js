'use strict';
// Everything can be read without this: a button beside each command, and opening what a link leads to.
for (const code of document.querySelectorAll('.commands code')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy: ' + code.textContent);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch (e) {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  code.after(button);
}
for (const wide of document.querySelectorAll('.wide')) {
  if (wide.clientWidth > 0 && wide.scrollWidth <= wide.clientWidth) {
    wide.removeAttribute('tabindex'); // nothing to scroll to
  }
}
function open() {
  const target = document.getElementById(location.hash.slice(1));
  for (let element = target; element; element = element.parentElement) {
    if (element.tagName === 'DETAILS') {
      element.open = true;
    }
  }
  if (target) {
    target.scrollIntoView();
  }
}
addEventListener('hashchange', open);
open();
