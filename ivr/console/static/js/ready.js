// First in the body: the design's style sheet shows what needs scripts only where there are some.
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
