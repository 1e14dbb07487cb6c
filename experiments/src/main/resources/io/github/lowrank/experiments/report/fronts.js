(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var tip = document.getElementById('tip');
  var space = document.getElementById('svg').namespaceURI;
  var TICKS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100];
  var DEPTH = 0.15; // points further below the best stand on the lower edge
  // The same shapes as in the SVG files.
  var SHAPES = [
    'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z',
    'M-4 -4h8v8h-8Z',
    'M0 -5.7L5.7 0L0 5.7L-5.7 0Z',
    'M0 -5.5L5.2 4H-5.2Z',
    'M0 5.5L5.2 -4H-5.2Z',
    'M-5 -1.7h3.3v-3.3h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3Z'
  ];
  var bytes = 'table';
  var shown = data.families.map(function (f) {
    return f.series.map(function (s) { return s.shown; });
  });

  function svg(parent, tag, attributes, text) {
    var element = document.createElementNS(space, tag);
    Object.keys(attributes).forEach(function (a) { element.setAttribute(a, attributes[a]); });
    if (text !== undefined) {
      element.textContent = text;
    }
    parent.appendChild(element);
    return element;
  }

  function html(parent, tag, className, text) {
    var element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  function classes(family) {
    return 'f' + family % 8 + (family < 8 ? '' : ' more');
  }

  function shape(family, series) {
    return SHAPES[(family + series) % SHAPES.length];
  }

  function signed(x) {
    return (x < 0 ? '\u2212' : '+') + Math.abs(100 * x).toFixed(2);
  }

  function half(x) {
    return x === null ? ' (one seed: no interval)' : ' \u00b1 ' + (100 * x).toFixed(2);
  }

  function number(x) {
    return Math.round(x).toLocaleString('en');
  }

  function share(panel, point) {
    return point[bytes] / panel.baseline[bytes];
  }

  function percent(share) {
    return (100 * share).toPrecision(3).replace(/\.?0+$/, '') + ' %';
  }

  function describe(panel, point) {
    return point.label +
      '\nrank ' + (point.rank || '\u2013') + ', bits ' + (point.bits || '\u2013') +
      '\ntable: ' + number(point.table) + ' bytes, ' + percent(point.table / panel.baseline.table) +
      '\nwhole model: ' + number(point.model) + ' bytes, ' + percent(point.model / panel.baseline.model) +
      '\ntest accuracy: ' + (100 * point.test).toFixed(2) + half(point.half) + ' %' +
      '\nto the baseline: ' + (point.loss === null ? 'no seed in common' : signed(point.loss) + half(point.lossHalf) + ' points') +
      '\ndev accuracy: ' + (100 * point.dev).toFixed(2) + ' %';
  }

  function showTip(text, target) {
    tip.textContent = text;
    tip.hidden = false;
    var at = target.getBoundingClientRect();
    var x = Math.min(at.right + 8, window.innerWidth - tip.offsetWidth - 4);
    var y = at.bottom + 8 + tip.offsetHeight > window.innerHeight ? at.top - tip.offsetHeight - 8 : at.bottom + 8;
    tip.style.left = Math.max(4, x) + 'px';
    tip.style.top = Math.max(4, y) + 'px';
  }

  function hideTip() {
    tip.hidden = true;
  }

  function draw(panel, holder) {
    hideTip();
    holder.textContent = '';
    var width = Math.max(280, holder.clientWidth);
    var height = width < 480 ? 320 : 380;
    var box = { left: 46, right: width - 10, top: 10, bottom: height - 46 };
    var points = panel.points.filter(function (p) { return shown[p.family][p.series]; });
    var front = panel.fronts[bytes].map(function (i) { return panel.points[i]; });
    var all = points.concat(front);
    var shares = all.map(function (p) { return share(panel, p); });
    var from = shares.length ? Math.min.apply(null, shares) / 1.25 : 0.001;
    var to = shares.length ? Math.max.apply(null, shares) * 1.25 : 1;
    var tests = all.map(function (p) { return p.test; }).concat(panel.baseline.test);
    var most = Math.max.apply(null, tests);
    var high = Math.min(1, most + 0.015);
    var low = Math.max(0, most - DEPTH, Math.min.apply(null, tests) - 0.015);

    function x(s) {
      return box.left + (box.right - box.left) * Math.log(s / from) / Math.log(to / from);
    }
    function y(accuracy) {
      return box.top + (box.bottom - box.top) * (high - Math.min(high, Math.max(low, accuracy))) / (high - low);
    }

    var picture = svg(holder, 'svg', {
      viewBox: '0 0 ' + width + ' ' + height, height: height, role: 'group',
      'aria-label': 'Test accuracy against bytes, ' + panel.title + '. Arrow keys go from point to point.'
    });
    var previous = -100; // the right end of the last label
    TICKS.concat(to / from < 4 ? [0.75, 1.5, 3, 4, 7.5, 15, 30, 40, 60, 70, 80, 90] : []).sort(function (a, b) {
      return a - b;
    }).forEach(function (tick) {
      var at = x(tick / 100);
      var wide = 3.3 * (tick + ' %').length;
      if (tick / 100 >= from && tick / 100 <= to && at - wide > previous) {
        previous = at + wide + 4;
        svg(picture, 'path', { 'class': 'grid', d: 'M' + at + ' ' + box.top + 'V' + box.bottom });
        svg(picture, 'text', { x: at, y: box.bottom + 17, 'text-anchor': 'middle' }, tick + ' %');
      }
    });
    var step = high - low > 0.08 ? 0.02 : high - low > 0.03 ? 0.01 : 0.005;
    for (var i = Math.ceil(low / step); i * step <= high; i++) {
      svg(picture, 'path', { 'class': 'grid', d: 'M' + box.left + ' ' + y(i * step) + 'H' + box.right });
      svg(picture, 'text', { x: box.left - 5, y: y(i * step) + 4, 'text-anchor': 'end' },
        parseFloat((100 * i * step).toFixed(1)));
    }
    svg(picture, 'text', { x: (box.left + box.right) / 2, y: height - 8, 'text-anchor': 'middle' },
      'bytes of the ' + (bytes === 'table' ? 'table' : 'SavedModel') + ', share of the uncompressed');
    svg(picture, 'text', {
      transform: 'rotate(-90)', x: -(box.top + box.bottom) / 2, y: 13, 'text-anchor': 'middle'
    }, 'test accuracy, %');

    var base = panel.baseline;
    var top = y(base.test + (base.half || 0));
    svg(picture, 'rect', {
      'class': 'band', x: box.left, y: top, width: box.right - box.left,
      height: y(base.test - (base.half || 0)) - top
    });
    svg(picture, 'path', { 'class': 'base', d: 'M' + box.left + ' ' + y(base.test) + 'H' + box.right });

    points.sort(function (a, b) { return a[bytes] - b[bytes]; });
    data.families.forEach(function (family, f) {
      family.series.forEach(function (series, s) {
        var some = points.filter(function (p) { return p.family === f && p.series === s; });
        if (some.length > 1) {
          var group = svg(picture, 'g', { 'class': classes(f) });
          svg(group, 'path', {
            'class': 'line',
            d: 'M' + some.map(function (p) { return x(share(panel, p)) + ' ' + y(p.test); }).join('L')
          });
        }
      });
    });
    if (front.length) {
      svg(picture, 'path', {
        'class': 'front',
        d: front.map(function (p, n) {
          return n ? 'H' + x(share(panel, p)) + 'V' + y(p.test) : 'M' + x(share(panel, p)) + ' ' + y(p.test);
        }).join('') + 'H' + box.right
      });
    }
    var marks = points.map(function (p, n) {
      var at = x(share(panel, p));
      var group = svg(picture, 'g', {
        'class': 'point ' + classes(p.family), tabindex: n ? -1 : 0, role: 'img', 'aria-label': describe(panel, p)
      });
      if (p.half) {
        svg(group, 'path', { 'class': 'error', d: 'M' + at + ' ' + y(p.test - p.half) + 'V' + y(p.test + p.half) });
      }
      svg(group, 'path', {
        'class': 'mark', d: shape(p.family, p.series), transform: 'translate(' + at + ' ' + y(p.test) + ')'
      });
      if (p.test < low) {
        svg(group, 'text', { 'class': 'below', x: at, y: y(low) - 9, 'text-anchor': 'middle' },
          '\u2193 ' + (100 * p.test).toFixed(0));
      }
      var hit = svg(group, 'circle', { 'class': 'hit', cx: at, cy: y(p.test), r: 9 });
      function show() { showTip(describe(panel, p), hit); }
      group.addEventListener('mouseenter', show);
      group.addEventListener('focus', show);
      group.addEventListener('click', show);
      group.addEventListener('mouseleave', hideTip);
      group.addEventListener('blur', hideTip);
      group.addEventListener('keydown', function (event) {
        var next = { ArrowRight: n + 1, ArrowUp: n + 1, ArrowLeft: n - 1, ArrowDown: n - 1 }[event.key];
        if (event.key === 'Escape') {
          hideTip();
        } else if (marks[next]) {
          event.preventDefault();
          group.setAttribute('tabindex', -1);
          marks[next].setAttribute('tabindex', 0);
          marks[next].focus();
        }
      });
      return group;
    });
  }

  var holders = data.panels.map(function (panel) {
    var section = html(document.getElementById('panels'), 'section', '', '');
    html(section, 'h2', '', panel.title + ', ' + panel.seeds + (panel.seeds === 1 ? ' seed' : ' seeds'));
    return html(section, 'div', '', '');
  });

  function drawAll() {
    data.panels.forEach(function (panel, i) { draw(panel, holders[i]); });
  }

  // The legend by family; families that start hidden are folded away.
  var buttons = [];
  function refresh() {
    buttons.forEach(function (b) { b.element.setAttribute('aria-pressed', b.pressed()); });
    drawAll();
  }
  function button(parent, className, text, pressed, press) {
    var element = html(parent, 'button', className, '');
    element.type = 'button';
    buttons.push({ element: element, pressed: pressed });
    element.addEventListener('click', function () { press(); refresh(); });
    return { element: element, text: document.createTextNode(text) };
  }
  var legend = document.getElementById('legend');
  var key = html(legend, 'div', 'family', '');
  [['front', 'front, chosen on dev'], ['base', 'uncompressed baseline']].forEach(function (line) {
    var entry = html(key, 'span', 'key', '');
    var icon = svg(entry, 'svg', { width: 28, height: 14, 'aria-hidden': true });
    svg(icon, 'path', { 'class': line[0], d: 'M0 7H28' });
    html(entry, 'span', '', line[1]);
  });
  var shownFirst = html(legend, 'div', 'families', '');
  var folded = null;
  data.families.forEach(function (family, f) {
    var parent = shownFirst;
    if (!shown[f].some(Boolean)) {
      if (!folded) {
        var details = html(legend, 'details', '', '');
        html(details, 'summary', '', 'More methods, hidden at first');
        folded = html(details, 'div', 'families', '');
      }
      parent = folded;
    }
    var row = html(parent, 'div', 'family', '');
    if (family.series.length > 1) {
      var whole = button(row, 'name', family.name + ':',
        function () { return shown[f].some(Boolean); },
        function () {
          var on = !shown[f].some(Boolean);
          shown[f] = shown[f].map(function () { return on; });
        });
      whole.element.appendChild(whole.text);
    }
    family.series.forEach(function (series, s) {
      var short = family.series.length > 1 && series.name.indexOf(family.name + ', ') === 0
        ? series.name.slice(family.name.length + 2) : series.name;
      var one = button(row, '', short,
        function () { return shown[f][s]; },
        function () { shown[f][s] = !shown[f][s]; });
      one.element.title = series.name;
      var icon = svg(one.element, 'svg', { width: 14, height: 14, viewBox: '-7 -7 14 14', 'class': classes(f), 'aria-hidden': true });
      svg(icon, 'path', { 'class': 'mark', d: shape(f, s) });
      one.element.appendChild(one.text);
    });
  });

  document.getElementsByName('bytes').forEach(function (input) {
    input.addEventListener('change', function () { bytes = input.value; drawAll(); });
  });
  window.addEventListener('scroll', function () {
    var point = document.activeElement;
    if (!point || !point.classList.contains('point')) { // the focus itself scrolls
      hideTip();
    }
  }, { passive: true });
  var drawn = window.innerWidth;
  window.addEventListener('resize', function () {
    if (window.innerWidth !== drawn) {
      drawn = window.innerWidth;
      drawAll();
    }
  });
  refresh();
})();
