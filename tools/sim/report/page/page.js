// SPDX-License-Identifier: Apache-2.0
// The page, from top to bottom.

function drawPage(place) {
  const results = readResults(JSON.parse(document.getElementById('results').textContent));
  const {title, name} = results.scenario;
  document.title = `${title || name || 'chaski-sim'}: report`;
  place.append(summary(results));
  const faults = theFaults(results);
  if (faults) place.append(faults);
  const drawnPlots = plots(results);
  if (drawnPlots) place.append(drawnPlots);
  place.append(theMap(results));
  place.append(element('footer', {class: 'quiet'}, 'Made by chaski-sim. This page is one file: it '
    + 'loads nothing and sends nothing; the results are in it as JSON.'));
}

drawPage(document.getElementById('report'));
